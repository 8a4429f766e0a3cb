"""Where the stages meet: one reaction a file, named as a sentence, and the state they react on."""

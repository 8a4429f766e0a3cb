"""Writes ServiceInfo blocks (RFC 7852 section 4.2), as the provider of a caller's line does."""

from typing import Final
from xml.sax.saxutils import escape

import msgspec

from tenfour.calltaking.service_info import CONTENT_TYPE

__all__ = ["CONTENT_TYPE", "PURPOSE", "SERVICES", "Service", "document"]

PURPOSE: Final = "EmergencyCallData.ServiceInfo"
"""The `purpose` of the Call-Info that names the block (RFC 7852 section 5.1)."""


class Service(msgspec.Struct, frozen=True):
    """What a provider says of a line, in the words of RFC 7852."""

    environment: str
    service_type: str
    mobility: str


SERVICES: Final[dict[str, Service]] = {
    "RES": Service("Residence", "POTS", "Fixed"),
    "BUS": Service("Business", "POTS", "Fixed"),
    "WPH1": Service("unknown", "wireless", "Mobile"),
    "WPH2": Service("unknown", "wireless", "Mobile"),
    "VOIP": Service("unknown", "VOIP", "Nomadic"),
}
"""By class of service. The block does not tell WPH1 from WPH2: the location does."""


def document(class_of_service: str, *, provider: str) -> str:
    """The block of a line of this class, as `provider` (a host name) gives it."""
    service = SERVICES[class_of_service]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<svc:EmergencyCallData.ServiceInfo xmlns:svc="urn:ietf:params:xml:ns:EmergencyCallData:ServiceInfo">
<svc:DataProviderReference>service@{escape(provider)}</svc:DataProviderReference>
<svc:ServiceEnvironment>{service.environment}</svc:ServiceEnvironment>
<svc:ServiceType>{service.service_type}</svc:ServiceType>
<svc:ServiceMobility>{service.mobility}</svc:ServiceMobility>
</svc:EmergencyCallData.ServiceInfo>
"""

-- What of OpenStreetMap is on the map of a desk, and from which zoom: enough to know a street by, nothing to read.

node_keys = { "place" }

local ROADS = { -- highway: class, first zoom
  motorway = { "motorway", 9 },
  trunk = { "trunk", 9 },
  primary = { "primary", 10 },
  secondary = { "secondary", 11 },
  tertiary = { "tertiary", 12 },
  unclassified = { "minor", 13 },
  residential = { "minor", 13 },
  living_street = { "minor", 13 },
  road = { "minor", 13 },
  pedestrian = { "path", 14 },
  service = { "service", 14 },
  track = { "service", 14 },
  raceway = { "service", 14 },
  footway = { "path", 15 },
  cycleway = { "path", 15 },
  path = { "path", 15 },
  steps = { "path", 15 },
}
local PLACES = { city = 9, town = 9, village = 10, suburb = 11, neighbourhood = 13, hamlet = 12, locality = 13 }
local GREEN = {
  leisure = { park = true, golf_course = true, nature_reserve = true, pitch = true, playground = true, common = true },
  landuse = { cemetery = true, forest = true, grass = true, recreation_ground = true, meadow = true },
  natural = { wood = true, wetland = true, scrub = true },
}

function init_function() end

function exit_function() end

local function named(object)
  local name = object:Find("name")
  if name ~= "" then object:Attribute("name", name) end
end

function node_function(node)
  local zoom = PLACES[node:Find("place")]
  if zoom == nil or node:Find("name") == "" then return end
  node:Layer("place", false)
  node:Attribute("class", node:Find("place"))
  node:Attribute("name", node:Find("name"))
  node:MinZoom(zoom)
end

local function road(way)
  local class, link = way:Find("highway"):gsub("_link$", "")
  local known = ROADS[class]
  if known == nil or way:Find("area") == "yes" then return end
  way:Layer("road", false)
  way:Attribute("class", known[1])
  if link > 0 then way:AttributeBoolean("link", true) end
  way:MinZoom(link > 0 and math.max(known[2], 12) or known[2])
  named(way)
  local ref = way:Find("ref")
  if ref ~= "" then way:Attribute("ref", ref) end
end

local function is_green(way)
  for key, values in pairs(GREEN) do
    if values[way:Find(key)] then return true end
  end
  return false
end

local function area(way)
  if way:Find("natural") == "water" or way:Find("waterway") == "riverbank" or way:Find("landuse") == "reservoir" then
    way:Layer("water", true)
    named(way)
  elseif is_green(way) then
    way:Layer("green", true)
    named(way)
    if way:Find("leisure") == "pitch" or way:Find("leisure") == "playground" then way:MinZoom(14) end
  end
  if way:Find("building") ~= "" and way:Find("building") ~= "no" then way:Layer("building", true) end
end

local function line(way)
  local waterway = way:Find("waterway")
  if waterway == "river" or waterway == "canal" then
    way:Layer("stream", false)
    named(way)
  elseif waterway == "stream" then
    way:Layer("stream", false)
    named(way)
    way:MinZoom(13)
  end
  if way:Find("railway") == "rail" then
    way:Layer("rail", false)
    if way:Find("service") ~= "" then way:MinZoom(14) end
  end
end

function way_function(way)
  road(way)
  line(way)
  if way:IsClosed() then area(way) end
end

-- A plain load for wrk: PUT of one body, with its checksum, under ever new keys.
-- wrk -s load.lua URL -- FILE CHECKSUM
local body, checksum, prefix
local number = 0
local threads = 0
function setup(thread) threads = threads + 1; thread:set("id", threads) end
function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  body = file:read("*a")
  file:close()
  checksum = arguments[2]
end
function request()
  number = number + 1
  local key = "/load/" .. id .. "/" .. (number % 100) .. "/" .. number .. ".json"
  return wrk.format("PUT", key, { ["x-amz-checksum-sha256"] = checksum }, body)
end

-- A plain load for wrk: PUT of one body under ever new keys, with the headers that a signed PUT of a plot has.
-- wrk -s load.lua URL -- FILE CHECKSUM
local body, headers
local number = 0
local threads = 0
function setup(thread) threads = threads + 1; thread:set("id", threads) end
function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  body = file:read("*a")
  file:close()
  headers = {
    ["content-type"] = "application/json",
    ["content-encoding"] = "gzip",
    ["cache-control"] = "public, max-age=31536000, immutable",
    ["x-amz-checksum-sha256"] = arguments[2],
    ["x-amz-content-sha256"] = string.rep("0", 64),
    ["x-amz-date"] = "20261122T000000Z",
    ["authorization"] = "AWS4-HMAC-SHA256 Credential=bench/20261122/us-east-1/s3/aws4_request, SignedHeaders=" ..
      "cache-control;content-encoding;content-length;content-type;host;x-amz-checksum-sha256;x-amz-content-sha256;" ..
      "x-amz-date, Signature=" .. string.rep("0", 64),
  }
end
function request()
  number = number + 1
  local key = "/load/" .. id .. "/" .. (number % 100) .. "/" .. number .. ".json"
  return wrk.format("PUT", key, headers, body)
end

-- Asks about one token per request: drawn at random, or each line of a file once.
local env = os.getenv
local first, count = tonumber(env("LOAD_FIRST")), tonumber(env("LOAD_COUNT"))
local once = env("LOAD_ONCE") == "true"
local path = env("LOAD_FILE")
local prefix, digits = env("LOAD_PREFIX"), env("LOAD_DIGITS")
local before, heads, lines, file = "token_type_hint=" .. env("LOAD_HINT") .. "&token=", {}, {}, nil
local threads = {}
used = 0

function setup(thread) table.insert(threads, thread) end

function init()
  math.randomseed(tonumber(env("LOAD_SEED")))
  if not path then return end
  file = assert(io.open(path, "r"))
  if once then
    -- Every line is as long as the first.
    local length = #file:read("*l") + 1
    file:seek("set", first * length)
  else
    for line in file:lines() do
      if #lines == count then break end
      lines[#lines + 1] = line
    end
  end
end

local function token()
  if not path then return string.format("%s%0" .. digits .. "d", prefix, first + math.random(0, count - 1)) end
  if not once then return lines[math.random(#lines)] end
  used = used + 1
  -- Past the end the answers are wrong, and whoever reads "used" is told.
  return file:read("*l") or "spent"
end

local function head(length)
  if not heads[length] then
    heads[length] = "POST /introspect HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nAuthorization: " .. env("LOAD_AUTHORIZATION")
      .. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " .. length .. "\r\n\r\n"
  end
  return heads[length]
end

function request()
  local body = before .. token()
  return head(#body) .. body
end

function done(summary, latency)
  local total = 0
  for _, thread in ipairs(threads) do total = total + thread:get("used") end
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"requests":%d,"seconds":%f,"bytes":%d,"refused":%d,"broken":%d,"p50":%f,"p99":%f,"used":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), total))
end

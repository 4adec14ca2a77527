-- Laguerre RSI: an indicator of the script's own, made with ta.define.
--
-- What it does   Four filters in a row, each slower than the one before, and how much of what they
--                say goes up: a relative strength between 0 and 1 with little delay. Buys when it
--                rises above `low`, sells when it falls below `high`.
-- When it works  Ranges and slow trends, where it reaches both ends before it turns.
-- When it fails  Strong trends: it leaves early, and buys every pause of a fall.
--
-- Source: John Ehlers, "Time Warp - Without Space Travel", 2002.

local S = lot.strategy {
  name   = "laguerre_rsi",
  params = {
    gamma = lot.float { 0.7, min = 0.3,  max = 0.9,  step = 0.05 },
    low   = lot.float { 0.2, min = 0.05, max = 0.4,  step = 0.05 },
    high  = lot.float { 0.8, min = 0.6,  max = 0.95, step = 0.05 },
  },
}

-- Called once for each bar, oldest first. Only `state` lasts, and only the bar is there to be seen.
local function laguerre(state, bar, p)
  local g, price = p.gamma, bar.close
  local a, b, c, d = state.a or price, state.b or price, state.c or price, state.d or price
  state.a = (1 - g) * price + g * a
  state.b = -g * state.a + a + g * b
  state.c = -g * state.b + b + g * c
  state.d = -g * state.c + c + g * d
  local up = math.max(0, state.a - state.b) + math.max(0, state.b - state.c)
    + math.max(0, state.c - state.d)
  local down = math.max(0, state.b - state.a) + math.max(0, state.c - state.b)
    + math.max(0, state.d - state.c)
  if up + down == 0 then return nil end            -- no value: conditions on it are false
  return up / (up + down)
end

function S:rules(ctx, p)
  local strength = ta.define(laguerre, { gamma = p.gamma }, { warm_up = 20 })
  return {
    enter_long = strength:crosses_above(p.low),
    exit_long  = strength:crosses_below(p.high),
    stop_loss  = 0.1,
    plot       = { strength = strength },
  }
end

return S

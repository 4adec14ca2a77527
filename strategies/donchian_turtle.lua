-- Donchian turtle: the channel breakout that Richard Dennis taught his "turtles", long only.
--
-- What it does   Buys when the close is above the highest high of the `entry` bars before it, sells
--                when the close is below the lowest low of the `exit` bars before it. Each entry
--                risks `risk` of the equity: the further away the stop, the smaller the position.
-- When it works  Rare, large trends: a few winners pay for many small losses.
-- When it fails  Most of the time. Expect to be wrong two times out of three, and long stretches of
--                losses in markets without direction.

local S = lot.strategy {
  name   = "donchian_turtle",
  params = {
    entry = lot.int   { 20,   min = 10,    max = 100,  step = 5 },
    exit  = lot.int   { 10,   min = 5,     max = 50,   step = 5 },
    stop  = lot.float { 0.1,  min = 0.02,  max = 0.3,  step = 0.02 },
    risk  = lot.float { 0.02, min = 0.005, max = 0.05, step = 0.005 },
  },
  where = "exit < entry",
}

function S:rules(ctx, p)
  -- shift(1): the channel of the bars *before* this one; a close cannot be above its own high.
  local top    = ta.highest(ctx.high, p.entry):shift(1)
  local bottom = ta.lowest(ctx.low, p.exit):shift(1)
  return {
    enter_long = ctx.close:above(top),
    exit_long  = ctx.close:below(bottom),
    stop_loss  = p.stop,
    size       = lot.risk(p.risk),
    plot       = { top = top, bottom = bottom },
  }
end

return S

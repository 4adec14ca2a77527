-- Trend filter: a moving-average cross on the bars of the run, taken only with the 4-hour trend.
--
-- What it does   Buys when the fast average crosses above the slow one while the newest closed
--                4-hour bar is above its average, and the close is `room` average ranges of 4-hour
--                bars above that average. Leaves when the fast average crosses back, or when the
--                4-hour trend has turned.
-- When it works  Trends that last for days: the filter keeps out of crosses against them.
-- When it fails  Fast turns: the 4-hour average notices them only when a 4-hour bar has closed.
--
-- For bars shorter than 4 hours. The 4-hour bars are taken from the store, or made of the run's own.

local S = lot.strategy {
  name   = "trend_filter_4h",
  params = {
    fast  = lot.int   { 12,  min = 5,   max = 40,  step = 1 },
    slow  = lot.int   { 48,  min = 20,  max = 120, step = 4 },
    trend = lot.int   { 30,  min = 10,  max = 100, step = 5 },
    room  = lot.float { 0.5, min = 0,   max = 3,   step = 0.25 },
  },
  where = "fast < slow",
}

function S:rules(ctx, p)
  local h4      = ctx:series { interval = "4h" }
  local average = ta.sma(h4.close, p.trend)        -- of 4-hour bars
  local up      = h4.close:above(average)          -- true until the next 4-hour bar has closed
  local far     = ctx.close:above(average + ta.atr(h4, 14) * p.room)
  local fast    = ta.ema(ctx.close, p.fast)
  local slow    = ta.ema(ctx.close, p.slow)
  return {
    enter_long = fast:crosses_above(slow) & up & far,
    exit_long  = fast:crosses_below(slow) | ~up,
    stop_loss  = 0.08,
    plot       = { ["4h average"] = average, fast = fast, slow = slow },
  }
end

return S

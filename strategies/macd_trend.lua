-- MACD with a trend filter: momentum, but only with the larger trend.
--
-- What it does   Buys when the MACD line crosses above its signal line while the close is above a
--                long exponential average, sells when the line crosses back below the signal.
-- When it works  Pullbacks inside an established rise: the cross times the end of the pullback.
-- When it fails  Sideways markets near the long average, where both the filter and the cross flip
--                back and forth; and sharp reversals, which the line notices late.

local S = lot.strategy {
  name   = "macd_trend",
  params = {
    fast   = lot.int { 12,  min = 5,  max = 30,  step = 1 },
    slow   = lot.int { 26,  min = 15, max = 60,  step = 1 },
    signal = lot.int { 9,   min = 3,  max = 20,  step = 1 },
    trend  = lot.int { 200, min = 50, max = 400, step = 50 },
  },
  where = "fast < slow",
}

-- Everything here is a condition over series, so it is written as rules: a search needs no call of
-- a function at each bar, and is some ten times faster than with an on_bar that says the same.
function S:rules(ctx, p)
  local macd, signal = ta.macd(ctx.close, p.fast, p.slow, p.signal)
  local trend = ta.ema(ctx.close, p.trend)
  return {
    enter_long = macd:crosses_above(signal) & ctx.close:above(trend),
    exit_long  = macd:crosses_below(signal),
    plot       = { trend = trend },
  }
end

return S

-- Bollinger breakout: long when the close breaks out above the upper band.
--
-- What it does   Buys when the close crosses above the upper band (the mean of the last `length`
--                closes plus `deviations` standard deviations), sells when the close falls back
--                through the mean.
-- When it works  A quiet market that starts to move: the bands are narrow, so the break comes
--                early and the mean is a close stop.
-- When it fails  Ranges. A touch of the upper band is then a top, not a start. After a violent bar
--                the bands are so wide that the mean is a distant exit.

local S = lot.strategy {
  name   = "bollinger_breakout",
  params = {
    length     = lot.int   { 20,  min = 10,  max = 100, step = 5 },
    deviations = lot.float { 2.0, min = 1.0, max = 3.5, step = 0.25 },
  },
}

function S:rules(ctx, p)
  local upper, middle, lower = ta.bbands(ctx.close, p.length, p.deviations)
  return {
    enter_long = ctx.close:crosses_above(upper),
    exit_long  = ctx.close:crosses_below(middle),
    plot       = { upper = upper, middle = middle, lower = lower },
  }
end

return S

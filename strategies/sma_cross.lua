-- SMA cross: long while the fast average of the close is above the slow one.
--
-- What it does   Buys with all equity when the fast average crosses above the slow one, and sells
--                when it crosses below. Nothing in between: the averages are the stop.
-- When it works  Long, smooth trends, which it rides to their end.
-- When it fails  Sideways markets: every wiggle is a cross, and each costs two fees and some
--                slippage. It is late by design, so it gives back part of every trend.

local S = lot.strategy {
  name   = "sma_cross",
  params = {
    fast = lot.int { 20,  min = 5,  max = 50,  step = 5 },
    slow = lot.int { 100, min = 60, max = 240, step = 20 },
  },
  where = "fast < slow",
}

function S:rules(ctx, p)
  local fast, slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
  return {
    enter_long = fast:crosses_above(slow),
    exit_long  = fast:crosses_below(slow),
    plot       = { fast = fast, slow = slow },
  }
end

return S

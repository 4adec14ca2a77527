-- Supertrend with ADX: follows a trend, but only where there is one.
--
-- What it does   Buys when the supertrend turns up, or is up while the ADX rises above `strength`;
--                the close must be above the average price of the day, weighted by volume. Sells
--                when the supertrend turns down, or when the newest confirmed low of 5 bars on each
--                side is broken.
-- When it works  Long moves with shallow pullbacks: the band follows the price and never falls back.
-- When it fails  Broad ranges in which the ADX is high for a moment and the band is crossed at once.

local S = lot.strategy {
  name   = "supertrend_adx",
  params = {
    length     = lot.int   { 10, min = 5,  max = 30,  step = 5 },
    multiplier = lot.float { 3,  min = 1,  max = 6,   step = 0.5 },
    strength   = lot.int   { 20, min = 10, max = 40,  step = 5 },
  },
}

function S:rules(ctx, p)
  local band, trend = ta.supertrend(ctx, p.length, p.multiplier)   -- trend: 1 up, -1 down
  local adx = ta.adx(ctx)
  local low = ta.pivot_low(ctx.low, 5, 5)                          -- known 5 bars after the low
  return {
    enter_long = trend:above(0) & adx:above(p.strength) & ctx.close:above(ta.vwap(ctx)),
    exit_long  = trend:below(0) | ctx.close:crosses_below(low),
    stop_loss  = 0.08,
    plot       = { band = band, low = low },
  }
end

return S

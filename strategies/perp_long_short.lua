-- Long and short with the trend, for a perpetual: it turns around when two averages cross.
--
-- What it does   Long when the fast average crosses above the slow one, short when it crosses
--                below; each entry risks `risk` of the equity at its stop. So the size does not
--                depend on the leverage, which decides how much margin a position ties up and how
--                far away its liquidation is.
-- When it works  Long trends, up or down.
-- When it fails  Markets that go sideways: each cross is a loss, twice the fees of a strategy that
--                is flat in between, and funding is paid all the time.
--
--   lot data generate --as test.perp:GENUSDT:1h --rows 8760 --funding
--   lot backtest strategies/perp_long_short.lua --data test.perp:GENUSDT:1h --leverage 3

local S = lot.strategy {
  name   = "perp_long_short",
  params = {
    fast = lot.int   { 50,   min = 10,    max = 100,  step = 10 },
    slow = lot.int   { 200,  min = 50,    max = 400,  step = 50 },
    stop = lot.float { 0.06, min = 0.01,  max = 0.2,  step = 0.01 },
    risk = lot.float { 0.02, min = 0.005, max = 0.05, step = 0.005 },
  },
  where = "fast < slow",
}

function S:rules(ctx, p)
  local fast = ta.ema(ctx.close, p.fast)
  local slow = ta.ema(ctx.close, p.slow)
  return {
    enter_long  = fast:crosses_above(slow),
    enter_short = fast:crosses_below(slow),
    stop_loss   = p.stop,
    size        = lot.risk(p.risk),
    plot        = { fast = fast, slow = slow },
  }
end

return S

-- Several symbols over one account: hold those that trend, an equal part of the equity in each.
--
-- One copy of this script runs for each symbol; they share cash and equity. Each decides for its
-- own symbol at its close, in name order; --max-open-positions bounds how many are held at once.
--
--   lot data generate --as test:AAAUSDT:1h --rows 8760 --seed 1
--   lot data generate --as test:BBBUSDT:1h --rows 8760 --seed 2
--   lot data generate --as test:CCCUSDT:1h --rows 8760 --seed 3
--   lot backtest strategies/momentum_portfolio.lua --exchange test -i 1h
--   lot backtest strategies/momentum_portfolio.lua --symbols 'BTC*,ETHUSDT' -i 1h

local S = lot.strategy {
  name    = "momentum_portfolio",
  symbols = { "AAAUSDT", "BBBUSDT", "CCCUSDT" },   -- --symbols names others
  params = {
    lookback = lot.int   { 168, min = 24, max = 720, step = 24 },   -- bars of the momentum
    trend    = lot.int   { 200, min = 50, max = 400, step = 50 },   -- bars of the filter
    part     = lot.float { 0.3, min = 0.05, max = 1, step = 0.05 }, -- of the equity, per symbol
  },
}

function S:rules(ctx, p)
  local momentum = ta.roc(ctx.close, p.lookback)
  local average  = ta.sma(ctx.close, p.trend)
  return {
    enter_long    = momentum:above(5) & ctx.close:above(average),
    exit_long     = momentum:below(0) | ctx.close:below(average),
    trailing_stop = 0.15,
    size          = lot.equity(p.part),
  }
end

return S

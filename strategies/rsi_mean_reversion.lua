-- RSI mean reversion: buys what fell too fast, sells when it has recovered.
--
-- What it does   Buys when the relative strength index is below `oversold`, with a stop `stop`
--                below the entry, and sells when the index is above `recovered`.
-- When it works  Ranges and slow bull markets, where falls are overreactions.
-- When it fails  Crashes: the index stays low while the price halves. The stop bounds each loss,
--                but the index is still low after it, so the next bar buys again.

local S = lot.strategy {
  name   = "rsi_mean_reversion",
  params = {
    length    = lot.int   { 14,   min = 5,    max = 50,  step = 1 },
    oversold  = lot.int   { 30,   min = 10,   max = 45,  step = 5 },
    recovered = lot.int   { 55,   min = 40,   max = 80,  step = 5 },
    stop      = lot.float { 0.05, min = 0.01, max = 0.2, step = 0.01 },
  },
  where = "oversold < recovered",
}

function S:on_init(ctx, p)
  self.p   = p
  self.rsi = ta.rsi(ctx.close, p.length)
end

function S:on_bar(ctx, bar)
  local p, rsi = self.p, self.rsi[0]
  if ctx.position.flat and rsi < p.oversold then
    return { side = "buy", stop_loss = p.stop, tag = "oversold" }
  elseif ctx.position.long and rsi > p.recovered then
    ctx:exit { tag = "recovered" }
  end
end

return S

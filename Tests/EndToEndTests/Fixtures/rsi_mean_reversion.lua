-- rsi_mean_reversion: buys weakness and leaves at the mean, as events, for
-- ../Golden/rsi_mean_reversion.csv.
local S = lot.strategy { name = "rsi_mean_reversion" }

function S:on_init(ctx, p)
  self.rsi = ta.rsi(ctx.close, 14)
end

function S:on_bar(ctx, bar)
  if ctx.position.flat and self.rsi[0] < 30 then
    return { side = "buy", size = lot.equity(1.0), stop_loss = 0.05, tag = "oversold" }
  elseif ctx.position.long and self.rsi[0] > 55 then
    ctx:exit { tag = "recovered" }
  end
end

return S

-- sma_cross_events: the plain SMA cross as events; its trades are those of the rules, to the bit.
local S = lot.strategy {
  name   = "sma_cross_events",
  params = {
    fast = lot.int { 20, min = 5, max = 50, step = 5 },
    slow = lot.int { 100, min = 60, max = 240, step = 20 },
  },
  where = "fast < slow",
}

function S:on_init(ctx, p)
  self.fast, self.slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
end

function S:on_bar(ctx, bar)
  local fast, slow = self.fast, self.slow
  if ctx.position.flat and fast[0] > slow[0] and fast[1] <= slow[1] then
    ctx:buy { size = lot.equity(1.0) }
  elseif ctx.position.long and fast[0] < slow[0] and fast[1] >= slow[1] then
    ctx:exit { tag = "exit_long" }
  end
end

return S

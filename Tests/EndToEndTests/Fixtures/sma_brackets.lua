-- sma_brackets: the SMA cross with a fixed stop and a target, for the golden trades of
-- ../Golden/sma_brackets.csv.
local S = lot.strategy {
  name   = "sma_brackets",
  params = {
    fast = lot.int { 20, min = 5, max = 50, step = 5 },
    slow = lot.int { 100, min = 60, max = 240, step = 20 },
  },
  where = "fast < slow",
}

function S:rules(ctx, p)
  local fast, slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
  return {
    enter_long  = fast:crosses_above(slow),
    exit_long   = fast:crosses_below(slow),
    stop_loss   = 0.03,
    take_profit = 0.06,
    size        = lot.equity(1.0),
  }
end

return S

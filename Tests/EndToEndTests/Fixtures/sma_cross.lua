-- sma_cross: the plain SMA cross as rules, for ../Golden/sma_cross.csv and sma_cross_window.csv.
local S = lot.strategy {
  name   = "sma_cross",
  params = {
    fast = lot.int { 20, min = 5, max = 50, step = 5 },
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

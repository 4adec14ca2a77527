-- sma_trailing: long while the fast average is above the slow one, with a trailing stop and a time
-- limit, for the golden trades of ../Golden/sma_trailing.csv. The conditions are levels, so that
-- after each stop the next entry is signalled at that bar's close.
local S = lot.strategy {
  name   = "sma_trailing",
  params = {
    fast = lot.int { 20, min = 5, max = 50, step = 5 },
    slow = lot.int { 100, min = 60, max = 240, step = 20 },
  },
  where = "fast < slow",
}

function S:rules(ctx, p)
  local fast, slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
  return {
    enter_long    = fast:above(slow),
    exit_long     = fast:below(slow),
    trailing_stop = 0.04,
    max_bars      = 48,
    size          = lot.equity(1.0),
  }
end

return S

-- Buys a breakout with a stop-limit order just above the highest high, protects the position with a
-- trailing-stop order, and offers half of it at a profit with a post-only limit.
local S = lot.strategy {
  name = "breakout_retest",
  params = {
    length = lot.int { 48, min = 5, max = 400 },
    trail = lot.float { 0.06, min = 0.005, max = 0.5 },
    target = lot.float { 0.08, min = 0.005, max = 1 },
  },
}

function S:on_init(ctx, p)
  self.high = ta.highest(ctx.high, p.length)
  self.p = p
end

function S:on_bar(ctx, bar)
  if ctx.position.flat then
    -- The level moves with the bars: what has not been filled is replaced.
    ctx:cancel("entry")
    local level = self.high[0]
    ctx:buy {
      type = "stop_limit", stop_price = level * 1.0005, price = level * 1.01,
      size = lot.equity(0.95), tag = "entry",
    }
    ctx:cancel("guard")
    ctx:cancel("profit")
    ctx.state.guarded = false
  elseif not ctx.state.guarded then
    ctx:cancel("entry")
    ctx:sell {
      type = "trailing_stop", trailing_stop = self.p.trail, reduce_only = true, tag = "guard",
    }
    ctx:sell {
      type = "limit", price = ctx.position.entry_price * (1 + self.p.target),
      size = lot.base(ctx.position.size / 2), post_only = true, reduce_only = true, tag = "profit",
    }
    ctx.state.guarded = true
  end
end

return S

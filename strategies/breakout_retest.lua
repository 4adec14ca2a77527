-- Buys a breakout and the way back to it: a stop-limit order that is triggered just above the highest
-- high and fills there or, where the price has run on, when it comes back. A trailing-stop order
-- protects the position, and a post-only limit offers half of it at a profit.
local S = lot.strategy {
  name = "breakout_retest",
  params = {
    length = lot.int { 24, min = 5, max = 400 },
    wait = lot.int { 12, min = 1, max = 400 },
    trail = lot.float { 0.06, min = 0.005, max = 0.5 },
    target = lot.float { 0.08, min = 0.005, max = 1 },
  },
}

function S:on_init(ctx, p)
  self.high = ta.highest(ctx.high, p.length)
  self.p = p
end

function S:enter(ctx)
  local state = ctx.state
  if state.guarded then
    ctx:cancel("guard")
    ctx:cancel("profit")
    state.guarded = false
  end
  state.age = (state.age or 0) + 1
  if state.age <= self.p.wait and #ctx.orders > 0 then return end
  ctx:cancel("entry")
  state.age = 0
  local level = self.high[0]
  ctx:buy {
    type = "stop_limit", stop_price = level * 1.0005, price = level * 1.002,
    size = lot.equity(0.95), tag = "entry",
  }
end

function S:guard(ctx)
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

function S:on_bar(ctx, bar)
  if ctx.position.flat then
    self:enter(ctx)
  elseif not ctx.state.guarded then
    self:guard(ctx)
  end
end

return S

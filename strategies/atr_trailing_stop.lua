-- ATR trailing stop: rides a breakout until it gives back a few average ranges ("chandelier exit").
--
-- What it does   Buys when the close is above the highest close of the `length` bars before it.
--                From then on a stop hangs `multiple` average true ranges below the highest high
--                since the entry; it only ever rises. A close below it sells.
-- When it works  Trends whose noise stays within a few average ranges.
-- When it fails  Choppy rises: the stop is hit by ordinary noise and the next breakout buys back
--                higher. It looks at closes only, so a bar may fall far through the stop first.

local S = lot.strategy {
  name   = "atr_trailing_stop",
  params = {
    length   = lot.int   { 22,  min = 10,  max = 60,  step = 2 },
    multiple = lot.float { 3.0, min = 1.5, max = 6.0, step = 0.5 },
  },
}

function S:on_init(ctx, p)
  self.multiple = p.multiple
  self.atr      = ta.atr(ctx, p.length)
  self.breakout = ctx.close:above(ta.highest(ctx.close, p.length):shift(1))
end

function S:on_bar(ctx, bar)
  local state = ctx.state
  if ctx.position.flat then
    state.stop, state.peak = nil, nil
    if self.breakout[0] then
      return { side = "buy", tag = "breakout" }
    end
    return
  end

  -- In a position: raise the stop, never lower it.
  state.peak = math.max(state.peak or bar.high, bar.high)
  state.stop = math.max(state.stop or 0, state.peak - self.multiple * self.atr[0])
  ctx:plot("stop", state.stop)
  if bar.close < state.stop then
    ctx:exit { tag = "chandelier" }
  end
end

return S

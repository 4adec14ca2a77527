-- donchian_turtle: long on a close above the 20 bars before it, out on one below the 10 before it,
-- as rules, for ../Golden/donchian_turtle.csv.
local S = lot.strategy { name = "donchian_turtle" }

function S:rules(ctx, p)
  return {
    enter_long = ctx.close:above(ta.highest(ctx.high, 20):shift(1)),
    exit_long  = ctx.close:below(ta.lowest(ctx.low, 10):shift(1)),
  }
end

return S

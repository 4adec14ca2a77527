extension Prelude {
    /// The two legs of a hedged perpetual; defines `position_mode`, `leg_of`, `position_legs`.
    static let legs = #"""
        local position_mode = "one-way"

        local hedge_hint = "is for hedge mode: lot backtest --position-mode hedge"

        -- The leg that an order or an exit names; nil for none.
        local function leg_of(t, what)
            local leg = t.position_side
            if leg == nil then return nil end
            if leg ~= "long" and leg ~= "short" then
                fail(format('%s: position_side must be "long" or "short", got %s', what,
                    tostring(leg)))
            end
            if position_mode ~= "hedge" then
                fail(format("%s: position_side %s", what, hedge_hint))
            end
            return leg
        end

        -- One leg of the position; its fields are asked of the host when they are read.
        local function leg_view(side)
            local name = "ctx.position." .. side .. "_leg"
            local names = { "flat", "size", "entry_price", "bars", "pnl" }
            local known, missing = set_of(unpack(names)), unknown_field(name, names)
            return view({}, name, function(_, key)
                if not known[key] then missing(nil, key) end
                if position_mode ~= "hedge" then fail(format("%s %s", name, hedge_hint)) end
                local value = call(LEG_FIELD, side, key)
                if key == "bars" then value = tointeger(value) end
                return value
            end)
        end

        -- The fields of ctx.position that are legs; others are asked of `missing`.
        local function position_legs(missing)
            local long_leg, short_leg = leg_view("long"), leg_view("short")
            return function(t, key)
                if key == "long_leg" then return long_leg end
                if key == "short_leg" then return short_leg end
                return missing(t, key)
            end
        end

        """#
}

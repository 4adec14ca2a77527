/// A strategy to begin with.
enum StrategyTemplate: String, CaseIterable {
    case rules
    case events
    case orders

    /// What it shows, in a line.
    var summary: String {
        switch self {
        case .rules: "conditions over whole series, a stop and a target; the fastest form"
        case .events: "a decision at each bar, with state that lasts and a line in the report"
        case .orders: "limit orders at work: placed, followed, moved and cancelled"
        }
    }

    /// The script, with its name.
    func text(name: String) -> String {
        let body =
            switch self {
            case .rules: StrategyTemplate.rulesText
            case .events: StrategyTemplate.eventsText
            case .orders: StrategyTemplate.ordersText
            }
        return body.split(separator: "NAME", omittingEmptySubsequences: false)
            .joined(separator: name)
    }

    private static let rulesText = #"""
        -- NAME: what it does, in a sentence.
        --
        -- Run it:   lot backtest strategies/NAME.lua --data binance:BTCUSDT:1h
        -- Check it: lot backtest strategies/NAME.lua --data binance:BTCUSDT:1h --check

        local S = lot.strategy {
          name   = "NAME",
          -- Parameters: the default first, then the range that --param and a search may use.
          params = {
            fast = lot.int   { 20,   min = 5,    max = 50,  step = 5 },
            slow = lot.int   { 100,  min = 60,   max = 240, step = 20 },
            stop = lot.float { 0.05, min = 0.01, max = 0.2, step = 0.01 },
          },
          where = "fast < slow",
          -- What this strategy would rather run with; flags, environment and lot.toml go first.
          settings = { slippage = "bps:3" },
        }

        -- Called once. Returns conditions, which are read at each close and act from the next open.
        function S:rules(ctx, p)
          local fast, slow = ta.ema(ctx.close, p.fast), ta.ema(ctx.close, p.slow)
          return {
            enter_long  = fast:crosses_above(slow) & ctx.close:above(slow),
            exit_long   = fast:crosses_below(slow),
            stop_loss   = p.stop,            -- a fraction of the entry price
            take_profit = 0.25,
            size        = lot.risk(0.01),    -- lose 1 % of the equity if the stop is hit
            plot        = { fast = fast, slow = slow },
          }
        end

        return S

        """#

    private static let eventsText = #"""
        -- NAME: what it does, in a sentence.
        --
        -- Run it:   lot backtest strategies/NAME.lua --data binance:BTCUSDT:1h
        -- Check it: lot backtest strategies/NAME.lua --data binance:BTCUSDT:1h --check

        local S = lot.strategy {
          name   = "NAME",
          params = {
            length   = lot.int { 14, min = 5,  max = 50, step = 1 },
            oversold = lot.int { 30, min = 10, max = 45, step = 5 },
          },
        }

        -- Called once: make series here and keep them in self, which is read-only afterwards.
        function S:on_init(ctx, p)
          self.p     = p
          self.rsi   = ta.rsi(ctx.close, p.length)
          self.trend = ta.sma(ctx.close, 200)
        end

        -- Called at each closed bar. series[0] is the newest value, series[1] the one before.
        function S:on_bar(ctx, bar)
          local p, rsi = self.p, self.rsi[0]
          ctx:plot("trend", self.trend[0])

          if ctx.position.flat then
            -- ctx.state is the only thing that lasts from bar to bar.
            if ctx.state.waiting and rsi > p.oversold and bar.close > self.trend[0] then
              ctx.state.waiting = false
              return { side = "buy", size = lot.equity(0.5), stop_loss = 0.05, tag = "dip" }
            end
            ctx.state.waiting = ctx.state.waiting or rsi < p.oversold
          elseif rsi > 70 then
            ctx:exit { tag = "recovered" }
          end
        end

        -- Called for each execution; leave it out if you do not need it.
        function S:on_fill(ctx, fill)
          if fill.side == "sell" then ctx.state.waiting = false end
        end

        return S

        """#

    private static let ordersText = #"""
        -- NAME: what it does, in a sentence.
        --
        -- Run it:   lot backtest strategies/NAME.lua --data binance:BTCUSDT:1h
        -- Check it: lot backtest strategies/NAME.lua --data binance:BTCUSDT:1h --check

        local S = lot.strategy {
          name   = "NAME",
          params = {
            length   = lot.int   { 20,  min = 10,  max = 100, step = 5 },
            distance = lot.float { 1.5, min = 0.5, max = 4.0, step = 0.25 },
          },
        }

        function S:on_init(ctx, p)
          self.distance = p.distance
          self.middle   = ta.ema(ctx.close, p.length)
          self.range    = ta.atr(ctx, p.length)
        end

        function S:on_bar(ctx, bar)
          -- One bid below the average, moved with it: an order is replaced by cancel and buy.
          ctx:cancel("bid")
          local price = self.middle[0] - self.distance * self.range[0]
          if ctx.position.flat and price > 0 and price < bar.close then
            ctx:buy { type = "limit", price = price, size = lot.equity(0.5), stop_loss = 0.04,
                      tag = "bid" }
          elseif ctx.position.long and bar.close > self.middle[0] then
            ctx:exit { tag = "back_at_average" }
          end
        end

        -- Called for each change of an order, before on_bar of the bar in which it happened.
        function S:on_order(ctx, order)
          if order.status == "rejected" then print("rejected: " .. order.reason) end
        end

        return S

        """#
}

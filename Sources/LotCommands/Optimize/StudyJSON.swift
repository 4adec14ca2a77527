import LotCore
import LotMath
import LotOptimize
import LotReport

/// `study.json`: everything that a study found, as one value.
struct StudyJSON {
    /// Name and version of the format.
    static let schema = "lot.study_result/1"

    let setup: StudySetup
    let name: String
    let findings: StudyFindings
    /// The run out of sample.
    let run: StudyRun?
    let measures: [StudyMeasure]

    /// The document, UTF-8, ending with a line break.
    var bytes: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            field(&json, "schema", StudyJSON.schema)
            field(&json, "study", name)
            field(&json, "id", setup.id)
            json.key("complete")
            json.value(findings.isComplete)
            json.key("spec")
            setup.spec.write(into: &json)
            trials(&json)
            json.key("measures")
            json.object { json in
                for measure in measures {
                    json.key(measure.name)
                    json.value(measure.value)
                }
            }
            json.key("leaders")
            json.array { json in
                for trial in findings.leaders { leader(trial, &json) }
            }
            if setup.objective.targets.count > 1 {
                json.key("front")
                json.array { json in
                    for trial in findings.front { leader(trial, &json) }
                }
            }
            metrics("best_metrics", findings.bestMetrics, &json)
            if let luck = findings.luck { write(luck, &json) }
            if let outOfSample = findings.outOfSample { write(outOfSample, &json) }
            if !findings.held.isEmpty { held(&json) }
        }
        return json.bytes + [0x0a]
    }

    private func trials(_ json: inout JSONWriter) {
        let tally = findings.tally
        json.key("trials")
        json.object { json in
            field(&json, "ran", tally.ran)
            field(&json, "distinct_points", tally.points)
            field(&json, "feasible", tally.feasible)
            field(&json, "runs", tally.runs)
            field(&json, "over_all_data", tally.whole)
            field(&json, "refused", tally.refused)
            field(&json, "failed", tally.failed)
            field(&json, "first_failure", tally.firstFailure)
            field(&json, "of_all_searches", findings.trials)
        }
    }

    private func leader(_ trial: Trial, _ json: inout JSONWriter) {
        json.object(inline: true) { json in
            field(&json, "trial", trial.number)
            json.key("feasible")
            json.value(trial.status == .feasible)
            parameters(trial.point, &json)
            json.key("targets")
            json.array { json in for value in trial.values { json.value(value) } }
            json.key("metrics")
            json.object { json in
                for (key, value) in zip(setup.kept.keys, trial.metrics) {
                    json.key(key)
                    json.value(value)
                }
            }
        }
    }

    private func parameters(_ point: Point?, _ json: inout JSONWriter) {
        json.key("parameters")
        json.object { json in
            guard let point else { return }
            for (index, dimension) in setup.space.dimensions.enumerated() {
                json.key(dimension.name)
                setup.space.write(point, index, &json)
            }
        }
    }

    private func metrics(_ name: String, _ values: [Double], _ json: inout JSONWriter) {
        guard !values.isEmpty else { return }
        json.key(name)
        json.object { json in
            for (definition, value) in zip(MetricDefinition.search, values) {
                json.key(definition.key)
                json.value(value)
            }
        }
    }

    private func write(_ luck: LuckReport, _ json: inout JSONWriter) {
        json.key("overfitting")
        json.object { json in
            field(&json, "trials", luck.trials)
            field(&json, "distinct_points", luck.points)
            field(&json, "earlier_trials", luck.earlierTrials)
            number("sharpe_a_day", luck.evidence.sharpe, &json)
            number("days", Double(luck.evidence.count), &json)
            number("expected_maximum_sharpe_a_day", luck.deflated.benchmark, &json)
            number("probability", luck.overfitting?.probability, &json)
            field(&json, "no_probability_because", luck.overfitting == nil ? luck.obstacle : nil)
            number("out_of_sample_loss_probability", luck.overfitting?.lossProbability, &json)
            number("degradation_slope", luck.overfitting?.degradation.slope, &json)
            number("degradation_intercept", luck.overfitting?.degradation.intercept, &json)
            number("degradation_r_squared", luck.overfitting?.degradation.rSquared, &json)
            field(&json, "neighbours", luck.stability.neighbours)
            number("neighbours_mean_fall", luck.stability.meanFall, &json)
            number("neighbours_worst_fall", luck.stability.worstFall, &json)
            number("neighbours_keeping_80_percent", luck.stability.keptShare, &json)
            band("bootstrap_total_return", luck.bootstrap?.totalReturn, &json)
            band("bootstrap_cagr", luck.bootstrap?.cagr, &json)
            band("bootstrap_sharpe", luck.bootstrap?.sharpe, &json)
            band("bootstrap_max_drawdown", luck.bootstrap?.maxDrawdown, &json)
            number("bootstrap_block_length", luck.bootstrap?.blockLength, &json)
            band("shuffled_max_drawdown", luck.shuffled?.maxDrawdown, &json)
            band("redrawn_total_return", luck.redrawn?.totalReturn, &json)
            band("redrawn_max_drawdown", luck.redrawn?.maxDrawdown, &json)
            json.key("verdict")
            json.array { json in for sentence in luck.verdict { json.value(sentence) } }
        }
    }

    private func write(_ found: OutOfSample, _ json: inout JSONWriter) {
        json.key("out_of_sample")
        json.object { json in
            json.key("folds")
            json.array { json in
                for result in found.folds {
                    json.object { json in
                        field(&json, "fold", result.fold.number)
                        stretches("train", result.fold.train, &json)
                        stretches("test", result.fold.test, &json)
                        parameters(result.best?.point, &json)
                        metrics("in_sample", result.inSample, &json)
                        metrics("out_of_sample", result.outOfSample, &json)
                    }
                }
            }
            json.key("paths")
            json.array { json in
                for path in found.paths { write(path, &json) }
            }
            field(&json, "run", run?.name)
            field(&json, "run_path", run?.number)
            json.key("path_spread")
            json.object { json in
                for figure in StudyPaths(setup, found).figures {
                    spread(figure, &json)
                }
            }
        }
    }

    private func write(_ path: TestPath, _ json: inout JSONWriter) {
        json.object { json in
            json.key("stretches")
            json.array { json in
                for part in path.parts {
                    json.object(inline: true) { json in
                        field(&json, "fold", part.fold)
                        field(&json, "trial", part.trial)
                        json.key("start")
                        json.value(part.segment.start)
                        json.key("end")
                        json.value(part.segment.end)
                    }
                }
            }
            metrics("metrics", path.metrics, &json)
        }
    }

    private func spread(_ figure: StudyPaths.Figure, _ json: inout JSONWriter) {
        let (spread, isSigned) = (figure.spread, figure.isSigned)
        json.key(figure.name)
        json.object(inline: true) { json in
            number("least", spread?.least, &json)
            number("median", spread?.median, &json)
            number("greatest", spread?.greatest, &json)
            number("mean", spread?.mean, &json)
            number("deviation", spread?.deviation, &json)
            number("share_below_0", isSigned ? spread?.negativeShare : nil, &json)
        }
    }

    /// The best trials on the data that were held back from the main search.
    private func held(_ json: inout JSONWriter) {
        json.key("held_back")
        json.object { json in
            number("rank_correlation", findings.heldCorrelation, &json)
            json.key("trials")
            json.array { json in
                for trial in findings.held {
                    json.object(inline: true) { json in
                        field(&json, "trial", trial.number)
                        json.key("in_sample")
                        json.value(trial.inSample)
                        json.key("out_of_sample")
                        json.value(trial.outOfSample)
                    }
                }
            }
        }
    }

    private func stretches(_ name: String, _ segments: [Segment], _ json: inout JSONWriter) {
        json.key(name)
        json.array { json in
            for segment in segments {
                json.object(inline: true) { json in
                    json.key("start")
                    json.value(segment.start)
                    json.key("end")
                    json.value(segment.end)
                }
            }
        }
    }

    private func number(_ name: String, _ value: Double?, _ json: inout JSONWriter) {
        json.key(name)
        json.value(value)
    }

    private func band(_ name: String, _ band: Band?, _ json: inout JSONWriter) {
        json.key(name)
        json.array(inline: true) { json in
            for value in band.map({ [$0.low, $0.median, $0.high] }) ?? [] { json.value(value) }
        }
    }
}

extension SearchSpace {
    /// Writes a coordinate as the JSON value that it is.
    func write(_ point: Point, _ dimension: Int, _ json: inout JSONWriter) {
        let value = point.coordinates[dimension]
        switch dimensions[dimension].kind {
        case .int: json.value(Int64(value))
        case .float: json.value(value)
        case .choice: json.value(text(point, dimension))
        case .bool: json.value(value == 1)
        }
    }
}

using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Runs the steps. First all rows go through steps and expectations into a spool; only when every expectation that may fail the run is
/// known do they come out again, to be divided and kept. Immutable and thread-safe: runs have their state to themselves.
/// </summary>
internal sealed class ProcessingPipeline
{
    private const string MissingLabel = "label: missing";
    private readonly PipelineSteps _steps;
    private readonly ISplitter _splitter;
    private readonly SplitKeys _keys;
    private readonly IReadOnlyCollection<string> _personal;

    // Behind the last step that creates new rows: from here on a row is what a served model receives.
    private readonly int _served;

    /// <param name="plan">The steps and the split.</param>
    /// <param name="services">Where steps of the application come from.</param>
    /// <param name="personal">
    /// Columns that were marked in collection, whose values may be kept in no name and no message; <see langword="null"/> for none.
    /// </param>
    public ProcessingPipeline(ProcessingPlan plan, IServiceProvider services, IReadOnlyCollection<string>? personal = null)
    {
        _personal = personal ?? [];
        _steps = plan.MakeSteps(services);
        _splitter = plan.Splitter(services);
        _keys = new SplitKeys(_splitter);
        _served = 1 + _steps.All.ToList().FindLastIndex(step => step.MakesRows);
        RowProcessors = [.. _steps.All.Skip(_served).Select(step => step.RowProcessor).OfType<IRowProcessor>()];
    }

    /// <summary>The types of the steps, expectations and splitter, whose code decides what comes out.</summary>
    public IEnumerable<Type> Types => _steps.All.Select(step => step.Type).Append(_splitter.GetType());

    /// <summary>How training divides the rows to learn from.</summary>
    public FoldRule Folds => _splitter.Folds;

    /// <summary>
    /// The row-wise steps to be packaged, in order: those behind the last step that creates new rows. Steps that
    /// select rows may stand between them.
    /// </summary>
    public IReadOnlyList<IRowProcessor> RowProcessors { get; }

    /// <summary>The columns of a row before the steps that are packaged: what a served model receives.</summary>
    /// <param name="schema">The columns as they are collected.</param>
    public Schema ServedSchema(Schema schema) => Bind(schema)[_served];

    /// <inheritdoc cref="PipelineSteps.LoadAsync"/>
    public ValueTask LoadAsync(CancellationToken cancellationToken = default) => _steps.LoadAsync(_personal, cancellationToken);

    /// <summary>
    /// Says what the steps and the splitter are: what they save, their fields, the code of plug-ins, the content
    /// of the tables that are loaded.
    /// </summary>
    public void Describe(FingerprintBuilder fingerprint)
    {
        for (var i = 0; i < _steps.All.Count; i++) _steps.All[i].Describe(fingerprint, $"step {i + 1}");
        fingerprint.AddObject("splitter", _splitter);
    }

    /// <inheritdoc cref="PipelineSteps.Bind"/>
    public IReadOnlyList<Schema> Bind(Schema schema) => _steps.Bind(schema);

    /// <summary>Runs the steps over rows and writes the three snapshots.</summary>
    /// <exception cref="ExpectationFailedException">
    /// An expectation is not met; nothing was written to the train and holdout snapshots.
    /// </exception>
    /// <exception cref="MlOpsException">
    /// A step fails, the label does not fit the problem, or a side of the split cannot be used.
    /// </exception>
    public async Task<ProcessingResult> RunAsync(ProcessingRequest request, CancellationToken cancellationToken = default)
    {
        await LoadAsync(cancellationToken).ConfigureAwait(false);
        var places = Bind(request.Schema);
        var schema = places[^1];
        var labels = new LabelTally(request.Problem, schema);
        if (request.Problem.ProtectedAttributes.FirstOrDefault(attribute => !schema.Contains(attribute)
            && !request.Schema.Contains(attribute)) is { } unknown)
        {
            throw NearestName.MissingColumn(unknown, "Protect(…)", schema);
        }
        CheckKey(places);
        SplitAssignment split;
        using (PluginCalls.Enter("splitter", _splitter.Name)) split = _splitter.Begin(schema);
        var quarantine = new Quarantine(
            request.Quarantine,
            places.Where((_, i) => i == _steps.All.Count || _steps.All[i].SetsAside));
        await quarantine.BeginAsync(cancellationToken).ConfigureAwait(false);
        var label = NamesOf(places, request.Problem.Label)[_served];
        var sealedRows = new HashSet<RowKey>();
        var keyColumns = _keys.Columns(places[_served], label);
        var run = new PipelineRun(places)
        {
            Served = _served,
            Keys = _keys.Begin(places[_served], label, request.Salt, request.Sealed, sealedRows),
            SetAside = (_, reason, batch, row, token) => quarantine.AddAsync(batch, row, reason, token),
            SpoolDirectory = request.SpoolDirectory,
            Personal = _personal,
        };
        var flow = await _steps.BeginAsync(Collect(request, cancellationToken), run, cancellationToken).ConfigureAwait(false);
        var spool = new RowSpool(request.SpoolDirectory, schema, RowProcessors.Count == 0 ? null : places[_served]);
        await using (spool.ConfigureAwait(false))
        {
            long unlabelled = 0;
            await spool.BeginAsync(cancellationToken).ConfigureAwait(false);
            await foreach (var rows in flow.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                var kept = labels.Observe(rows.Batch);
                if (kept.Count < rows.Batch.RowCount)
                {
                    unlabelled += rows.Batch.RowCount - kept.Count;
                    foreach (var row in Enumerable.Range(0, rows.Batch.RowCount).Except(kept))
                    {
                        await quarantine.AddAsync(rows.Batch, row, MissingLabel, cancellationToken).ConfigureAwait(false);
                    }
                }

                if (kept.Count == 0) continue;
                var labelled = rows.Take(kept);
                if (Array.Find(labelled.Keys, KeyedBatch.HasNoKey) is { Low: > 0 } none) throw _keys.Missing(none);
                split.Observe(labelled.Batch);
                await spool.WriteAsync(labelled, cancellationToken).ConfigureAwait(false);
            }

            await quarantine.CompleteAsync(cancellationToken).ConfigureAwait(false);
            var results = ExpectationTally.Complete(run.Tallies.Values);
            labels.Check();
            var result = await DivideAsync(
                request, schema, spool, split, labels, sealedRows, keyColumns, cancellationToken).ConfigureAwait(false);
            return result with
            {
                QuarantinedRows = quarantine.RowCount,
                RowsWithoutLabel = unlabelled,
                Expectations = results,
                Steps = [.. _steps.All.Select((step, i) => new StepCount(step.ToString(), run.Counts[i], run.Counts[i + 1]))],
                Notes = [.. _steps.All.Select(step => step.Note).OfType<string>(), .. result.Notes],
            };
        }
    }

    private async Task<ProcessingResult> DivideAsync(
        ProcessingRequest request,
        Schema schema,
        RowSpool spool,
        SplitAssignment split,
        LabelTally labels,
        HashSet<RowKey> sealedRows,
        IReadOnlyList<string> keyColumns,
        CancellationToken cancellationToken)
    {
        var train = new RowSink(request.Train, schema);
        var holdout = new RowSink(request.Holdout, schema);
        var trainRaw = Raw(request.TrainRaw);
        var holdoutRaw = Raw(request.HoldoutRaw);
        RowSink[] sinks =
        [
            train,
            holdout,
            .. trainRaw is null ? Array.Empty<RowSink>() : [trainRaw],
            .. holdoutRaw is null ? Array.Empty<RowSink>() : [holdoutRaw]
        ];
        foreach (var sink in sinks) await sink.BeginAsync(cancellationToken).ConfigureAwait(false);
        var sides = new SplitSide[RecordBatch.MaxRows];
        var held = new List<RowKey>();
        var trained = new List<RowKey>();
        long resealed = 0, between = 0;
        await foreach (var (batch, keys, raw) in spool.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            split.Assign(batch, keys, sides.AsSpan(0, batch.RowCount));
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (sides[row] == SplitSide.Train && sealedRows.Contains(keys[row]))
                {
                    sides[row] = SplitSide.Holdout;
                    resealed++;
                }

                if (sides[row] == SplitSide.Neither)
                {
                    between++;
                    continue;
                }

                labels.Assign(batch, row, sides[row]);
                (sides[row] == SplitSide.Holdout ? held : trained).Add(keys[row]);
                var isTrain = sides[row] == SplitSide.Train;
                await (isTrain ? train : holdout).AddAsync(batch, row, cancellationToken).ConfigureAwait(false);
                if (raw is not null && (isTrain ? trainRaw : holdoutRaw) is { } rawSink)
                {
                    await rawSink.AddAsync(raw, row, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        var facts = new SplitFacts(_splitter, train.RowCount, holdout.RowCount, between, resealed, trained.Concat(held));
        labels.CheckSides(facts);
        foreach (var sink in sinks) await sink.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return new ProcessingResult
        {
            Schema = schema,
            TrainRows = train.RowCount,
            HoldoutRows = holdout.RowCount,
            GapRows = between,
            SealedRows = resealed,
            Classes = labels.Counts,
            HoldoutKeys = [.. held.Distinct().Order()],
            TrainRowKeys = new RowKeySet(keyColumns, [.. trained]),
            HoldoutRowKeys = new RowKeySet(keyColumns, [.. held]),
            QuarantinedRows = 0,
            RowsWithoutLabel = 0,
            Expectations = [],
            Steps = [],
            Notes = [.. new[] { facts.Note, labels.Note }.OfType<string>()],
        };

        RowSink? Raw(ArrowWriter? writer) =>
            writer is null || RowProcessors.Count == 0 ? null : new RowSink(writer, ServedSchema(request.Schema));
    }

    private static async IAsyncEnumerable<RecordBatch> Collect(
        ProcessingRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long read = 0;
        await foreach (var batch in request.Rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            request.Progress?.Report(read += batch.RowCount);
            yield return batch;
        }
    }

    // A column's name before each step, and after the last; null where it does not exist yet. It is followed back through renaming.
    private string?[] NamesOf(IReadOnlyList<Schema> places, string column)
    {
        var names = new string?[places.Count];
        names[^1] = column;
        for (var i = _steps.All.Count - 1; i >= 0; i--)
        {
            var name = names[i + 1] is { } after ? _steps.All[i].NameBefore(places[i], after) : null;
            names[i] = name is not null && places[i].Contains(name) ? name : null;
        }

        return names;
    }

    /// <summary>The label's name in the collected rows; <see langword="null"/> when it is made by a step.</summary>
    public string? CollectedLabel(Schema schema, string label) => NamesOf(Bind(schema), label)[0];

    /// <summary>
    /// What of the rows that earlier runs were judged on decides the split besides the splitter; empty when the
    /// splitter would hold them out anyway.
    /// </summary>
    public string DescribeSealed(Schema schema, string label, IReadOnlyList<RowKeySet> sealedSets)
    {
        var places = Bind(schema);
        var columns = _keys.Columns(places[_served], NamesOf(places, label)[_served]);
        return _keys.DescribeSealed(columns, sealedSets);
    }

    // A row's side follows from the row as it is served; and what a step makes of two groups must not be one.
    private void CheckKey(IReadOnlyList<Schema> places)
    {
        if (_splitter.Key.FirstOrDefault(column => !places[_served].Contains(column) && places[^1].Contains(column)) is { } made)
        {
            if (NamesOf(places, made)[_served] is { } name)
            {
                throw new MlOpsException(
                    $"The split is by the column '{made}', which is named '{name}' in the row that a served model receives.",
                    $"Split by '{name}', its name " +
                        $"{(_served == 0 ? "as it is collected" : "before the row-wise steps")}.") { Column = made };
            }
            throw new MlOpsException(
                $"The split is by the column '{made}', which a row-wise step creates: " +
                    "a row's side must be known from the row that a served model receives.",
                "Split by the columns that it is computed from, or compute it before the data is collected.") { Column = made };
        }

        if (_splitter.Folds.Kind != FoldKind.Grouped) return;
        foreach (var group in _splitter.Key)
        {
            var name = group;
            for (var i = _served; i < _steps.All.Count && places[i].Contains(name); i++)
            {
                var (after, isRemade) = _steps.All[i].NameAfter(places[i], name);
                if (after is null) break;
                name = after;
                if (!isRemade) continue;
                throw new MlOpsException(
                    $"The split keeps the groups of '{group}' together, but the step {_steps.All[i]} recomputes it: " +
                        "groups that become one could be on both sides.",
                    "Change the column before the data is collected, " +
                        "or keep the group as it is and derive another column.") { Column = group };
            }
        }
    }
}

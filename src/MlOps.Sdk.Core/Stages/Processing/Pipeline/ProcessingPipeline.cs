using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
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
    private readonly IReadOnlyList<object> _steps;
    private readonly ISplitter _splitter;
    private readonly SplitKeys _keys;

    // Behind the last step that makes rows anew: from here on a row is what a served model receives.
    private readonly int _served;

    public ProcessingPipeline(ProcessingPlan plan, IServiceProvider? services = null)
    {
        _steps = [.. plan.Steps.Select(step => step(services))];
        _splitter = plan.Splitter(services);
        _keys = new SplitKeys(_splitter);
        _served = 1 + _steps.ToList().FindLastIndex(step => step is IDataProcessor and not IRowProcessor and not IRowSelection);
        RowProcessors = [.. _steps.Skip(_served).OfType<IRowProcessor>()];
    }

    /// <summary>The types of the steps, expectations and splitter, whose code decides what comes out.</summary>
    public IEnumerable<Type> Types =>
        _steps.Select(step => (step as ExpectationStep)?.Expectation.GetType() ?? step.GetType()).Append(_splitter.GetType());

    /// <summary>How training divides the rows to learn from.</summary>
    public FoldRule Folds => _splitter.Folds;

    /// <summary>
    /// The row-wise steps to be packaged, in order: those behind the last step that makes rows anew. Steps that
    /// select rows may stand between them.
    /// </summary>
    public IReadOnlyList<IRowProcessor> RowProcessors { get; }

    /// <summary>The columns of a row before the steps that are packaged: what a served model receives.</summary>
    /// <param name="schema">The columns as they are collected.</param>
    public Schema ServedSchema(Schema schema) => Bind(schema)[_served];

    /// <summary>Reads the tables in which steps look rows up; what is read stays for the life of the pipeline.</summary>
    /// <exception cref="MlOpsException">A table cannot be read.</exception>
    public async ValueTask LoadAsync(CancellationToken cancellationToken = default)
    {
        foreach (var step in _steps.OfType<IReferenceProcessor>()) await step.Reference.LoadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Says what the steps and the splitter are: what they save, their fields, the code of plug-ins, the content
    /// of the tables that are loaded.
    /// </summary>
    public void Describe(FingerprintBuilder fingerprint)
    {
        for (var i = 0; i < _steps.Count; i++)
        {
            if (_steps[i] is IRowProcessor rows)
            {
                var saved = SavedPart.Of(rows.FormatId, rows.Save);
                fingerprint.Add(
                    $"step {i + 1}",
                    $"{saved.FormatId} {Convert.ToHexString(saved.Bytes)} {rows.GetType().Module.ModuleVersionId}");
            }
            else if (_steps[i] is IReferenceProcessor join)
            {
                fingerprint.Add($"step {i + 1}", $"{join} {join.GetType().Module.ModuleVersionId} {join.Reference.ContentHash()}");
            }
            else
            {
                if (_steps[i] is ExpectationStep { Expectation: ReferenceExpectation { ReadsSource: true } reference })
                {
                    fingerprint.SetOpaque($"step {i + 1} ({reference.Name}) reads a source, whose content may change");
                }
                fingerprint.AddObject($"step {i + 1}", _steps[i]);
            }
        }

        fingerprint.AddObject("splitter", _splitter);
    }

    /// <summary>The schema before each step, and after the last.</summary>
    /// <exception cref="MlOpsException">A step does not fit the columns.</exception>
    public IReadOnlyList<Schema> Bind(Schema schema)
    {
        var places = new List<Schema>(_steps.Count + 1) { schema };
        foreach (var step in _steps)
        {
            switch (step)
            {
                case ExpectationStep expectation:
                    _ = expectation.Expectation.Begin(schema);
                    break;
                case IDataProcessor processor:
                    schema = Bind(processor, schema);
                    break;
            }

            places.Add(schema);
        }

        return places;
    }

    /// <summary>The schema after a step.</summary>
    /// <exception cref="MlOpsException">The step does not fit the columns.</exception>
    public static Schema Bind(IDataProcessor step, Schema schema)
    {
        // When serving, a column that is gone already need not be dropped; here it is a typing error.
        if (step is DropColumns drop && drop.Columns.FirstOrDefault(column => !schema.Contains(column)) is { } missing)
        {
            throw NearestName.MissingColumn(missing, drop.ToString(), schema);
        }
        return step.Bind(schema);
    }

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
        var split = _splitter.Begin(schema);
        var quarantine = new Quarantine(
            request.Quarantine,
            places.Where((_, i) => i == _steps.Count || _steps[i] is ExpectationStep { OnFailure: OnFailure.Quarantine }));
        await quarantine.BeginAsync(cancellationToken).ConfigureAwait(false);
        var counts = new long[_steps.Count + 1];
        var tallies = new List<ExpectationTally>();
        var labelNames = NamesOf(places, request.Problem.Label);
        var sealedRows = new HashSet<RowKey>();
        var keyColumns = _keys.Columns(places[_served], labelNames[_served]);
        var flow = Count(Collect(request, labelNames[0], sealedRows, cancellationToken), counts, 0, cancellationToken);
        for (var i = 0; i < _steps.Count; i++)
        {
            if (_steps[i] is ExpectationStep expected) tallies.Add(new ExpectationTally(expected, places[i]));
            if (_steps[i] is ExpectationStep) await tallies[^1].PrepareAsync(cancellationToken).ConfigureAwait(false);
            flow = _steps[i] switch
            {
                ExpectationStep expectation => Expect(flow, expectation, tallies[^1], quarantine, cancellationToken),
                IRowProcessor rows => Change(flow, rows, places[i], i >= _served, cancellationToken),
                IRowSelection selection => Select(
                    flow,
                    selection,
                    places[i],
                    _steps.Take(i).Skip(_served).OfType<IRowProcessor>().Any() ? places[_served] : null,
                    request.SpoolDirectory,
                    cancellationToken),
                var step => Process(
                    flow,
                    (IDataProcessor)step,
                    places[i + 1],
                    request,
                    labelNames[i + 1],
                    i + 1 == _served ? sealedRows : null,
                    cancellationToken),
            };
            flow = Count(flow, counts, i + 1, cancellationToken);
        }

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
            var results = ExpectationTally.Complete(tallies);
            labels.Check();
            var result = await DivideAsync(
                request, schema, spool, split, labels, sealedRows, keyColumns, cancellationToken).ConfigureAwait(false);
            return result with
            {
                QuarantinedRows = quarantine.RowCount,
                RowsWithoutLabel = unlabelled,
                Expectations = results,
                Steps = [.. _steps.Select((step, i) => new StepCount(Describe(step), counts[i], counts[i + 1]))],
                Notes = [.. _steps.OfType<IReferenceProcessor>().Select(step => step.Note).OfType<string>()],
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

        labels.CheckSides(train.RowCount, holdout.RowCount);
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
            Notes = [],
        };

        RowSink? Raw(ArrowWriter? writer) =>
            writer is null || RowProcessors.Count == 0 ? null : new RowSink(writer, ServedSchema(request.Schema));
    }

    private static async IAsyncEnumerable<KeyedBatch> Change(
        IAsyncEnumerable<KeyedBatch> flow,
        IRowProcessor step,
        Schema schema,
        bool isPackaged,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var binding = step.BindRows(schema);
        long before = 0;
        await foreach (var rows in flow.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var batch = rows.Batch;
            RecordBatch changed;
            try
            {
                changed = binding.Apply(batch);
            }
            catch (RowValueException e)
            {
                throw e.At(before);
            }

            before += batch.RowCount;
            yield return new KeyedBatch(changed, rows.Keys, isPackaged ? rows.Raw : null);
        }
    }

    private static async IAsyncEnumerable<KeyedBatch> Select(
        IAsyncEnumerable<KeyedBatch> flow,
        IRowSelection step,
        Schema schema,
        Schema? raw,
        string spoolDirectory,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pass = step.Begin(schema);
        if (pass.Observe is null)
        {
            await foreach (var rows in flow.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                var kept = pass.Select(rows.Batch);
                if (kept.Count > 0) yield return rows.Take(kept);
            }

            yield break;
        }

        var spool = new RowSpool(spoolDirectory, schema, raw);
        await using (spool.ConfigureAwait(false))
        {
            await spool.BeginAsync(cancellationToken).ConfigureAwait(false);
            await foreach (var rows in flow.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                pass.Observe(rows.Batch);
                await spool.WriteAsync(rows, cancellationToken).ConfigureAwait(false);
            }

            await foreach (var rows in spool.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var kept = pass.Select(rows.Batch);
                if (kept.Count > 0) yield return rows.Take(kept);
            }
        }
    }

    private static async IAsyncEnumerable<KeyedBatch> Expect(
        IAsyncEnumerable<KeyedBatch> flow,
        ExpectationStep step,
        ExpectationTally tally,
        Quarantine quarantine,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failed = new bool[RecordBatch.MaxRows];
        await foreach (var rows in flow.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (!tally.Check(rows.Batch, failed.AsSpan(0, rows.Batch.RowCount)) || step.OnFailure != OnFailure.Quarantine)
            {
                yield return rows;
                continue;
            }

            var kept = new List<int>();
            for (var row = 0; row < rows.Batch.RowCount; row++)
            {
                if (failed[row]) await quarantine.AddAsync(rows.Batch, row, step.Expectation.Name, cancellationToken).ConfigureAwait(false);
                else kept.Add(row);
            }

            if (kept.Count > 0) yield return rows.Take(kept);
        }
    }

    private static async IAsyncEnumerable<KeyedBatch> Count(
        IAsyncEnumerable<KeyedBatch> flow, long[] counts, int at, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var rows in flow.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            counts[at] += rows.Batch.RowCount;
            yield return rows;
        }
    }

    private static async IAsyncEnumerable<RecordBatch> WithoutKeys(
        IAsyncEnumerable<KeyedBatch> flow,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var rows in flow.WithCancellation(cancellationToken).ConfigureAwait(false)) yield return rows.Batch;
    }

    private static string Describe(object step) => step switch
    {
        ExpectationStep expectation => $"expect({expectation.Expectation.Description})",
        _ => step.ToString() is { } text && text != step.GetType().FullName ? text : step.GetType().Name,
    };

    private async IAsyncEnumerable<KeyedBatch> Collect(
        ProcessingRequest request, string? label, HashSet<RowKey> sealedRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long before = 0;
        var hasher = _served == 0 ? _keys.Hasher(request.Schema, label, request.Salt) : null;
        var recognize = _served == 0 ? _keys.Recognizer(request, request.Schema, label, sealedRows) : null;
        await foreach (var batch in request.Rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var keys = SplitKeys.Compute(hasher, batch, before);
            recognize?.Invoke(batch, keys);
            before += batch.RowCount;
            request.Progress?.Report(before);
            yield return new KeyedBatch(batch, keys);
        }
    }

    // A step of the user's own may make rows anew, so what the last one gives is given its keys; nobody needs those of before.
    private async IAsyncEnumerable<KeyedBatch> Process(
        IAsyncEnumerable<KeyedBatch> flow,
        IDataProcessor step,
        Schema schema,
        ProcessingRequest request,
        string? label,
        HashSet<RowKey>? sealedRows,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long before = 0;
        var hasher = sealedRows is null ? null : _keys.Hasher(schema, label, request.Salt);
        var recognize = sealedRows is null ? null : _keys.Recognizer(request, schema, label, sealedRows);
        await foreach (var batch in step.ProcessAsync(WithoutKeys(flow, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            if (!batch.Schema.Equals(schema))
            {
                throw new MlOpsException(
                    $"The step {Describe(step)} gave the columns {batch.Schema} after it had announced {schema}.",
                    "Mend its Bind method.");
            }
            var keys = SplitKeys.Compute(hasher, batch, before);
            recognize?.Invoke(batch, keys);
            before += batch.RowCount;
            yield return new KeyedBatch(batch, keys);
        }
    }

    // A column's name before each step, and after the last; null where it does not exist yet. It is followed back through renaming.
    private string?[] NamesOf(IReadOnlyList<Schema> places, string column)
    {
        var names = new string?[places.Count];
        names[^1] = column;
        for (var i = _steps.Count - 1; i >= 0; i--)
        {
            var name = names[i + 1];
            if (name is not null
                && _steps[i] is IRowProcessor step
                && step.BindRows(places[i]) is var binding
                && binding.Output.TryGetIndex(name, out var index)
                && binding.Columns[index] is { Computation: null } passed)
            {
                name = places[i][passed.Input].Name;
            }
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
                    $"The split goes by the column '{made}', which is named '{name}' in the row that a served model receives.",
                    $"Split by '{name}', its name " +
                        $"{(_served == 0 ? "as it is collected" : "before the row-wise steps")}.") { Column = made };
            }
            throw new MlOpsException(
                $"The split goes by the column '{made}', which a row-wise step makes: " +
                    "a row's side must be known from the row that a served model receives.",
                "Split by the columns that it is made of, or make it where the data is collected.") { Column = made };
        }

        if (_splitter.Folds.Kind != FoldKind.Grouped) return;
        foreach (var group in _splitter.Key)
        {
            var name = group;
            for (var i = _served; i < _steps.Count && places[i].TryGetIndex(name, out var index); i++)
            {
                if (_steps[i] is not IRowProcessor step) continue;
                var binding = step.BindRows(places[i]);
                var passed = Enumerable.Range(0, binding.Columns.Count).Where(output => binding.Columns[output].Input == index).ToArray();
                if (passed.Length == 0 && step is CastColumn { IsOneToOne: true } && binding.Output.Contains(name)) continue;
                if (passed.Length == 0 && binding.Output.Contains(name))
                {
                    throw new MlOpsException(
                        $"The split keeps the groups of '{group}' together, and the step {Describe(step)} makes it anew: " +
                            "groups that become one there could stand on both sides.",
                        "Change the column where the data is collected, " +
                            "or keep the group as it is and derive another column.") { Column = group };
                }
                if (passed.Length == 0) break;
                name = binding.Output[passed[0]].Name;
            }
        }
    }
}

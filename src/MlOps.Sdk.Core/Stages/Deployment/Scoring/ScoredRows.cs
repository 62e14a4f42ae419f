using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>Scores the batches of one source with one version, block by block, by the code of an endpoint. Not thread-safe.</summary>
/// <param name="source">The name of the source, for messages.</param>
/// <param name="version">The version.</param>
/// <param name="package">Its package.</param>
/// <param name="scorer">The memory for it.</param>
/// <param name="columns">What is read and written.</param>
/// <param name="recorder">What records the rows; <see langword="null"/> when they are not recorded.</param>
/// <param name="makeRoom">Stores what is recorded, so that there is room for more.</param>
/// <param name="skipsRejected">Whether rows that the input contract rejects are left out; else no row is scored any more.</param>
internal sealed class ScoredRows(
    string source,
    int version,
    ModelPackage package,
    ModelScorer scorer,
    ScoredColumns columns,
    IPredictionRecorder? recorder,
    Func<CancellationToken, Task> makeRoom,
    bool skipsRejected)
{
    private readonly PredictionId[] _ids = new PredictionId[ModelScorer.BlockRows];
    private readonly int _outputs = package.Signature.Outputs;
    private readonly double[] _scores = new double[ModelScorer.BlockRows * package.Signature.Outputs];
    private readonly RecordBatchBuilder _added = new(columns.Added);
    private readonly int[] _block = new int[ModelScorer.BlockRows];
    private readonly List<int> _accepted = [];
    private long _read;

    /// <summary>The rows that were scored.</summary>
    public long RowCount { get; private set; }

    /// <summary>The rows that were recorded.</summary>
    public long RecordedCount { get; private set; }

    /// <summary>The rows that the input contract left out.</summary>
    public long RejectedCount { get; private set; }

    /// <summary>The rows with a value that the input contract flagged.</summary>
    public long FlaggedCount { get; private set; }

    /// <summary>Whether rows were rejected that must not be left out, so that nothing is scored any more.</summary>
    public bool HasFailed => !skipsRejected && scorer.Check is { HasRejected: true };

    /// <summary>
    /// The rows with what is kept of them, their ids, the version, the scores and the decisions; <see langword="null"/> when there are
    /// none.
    /// </summary>
    /// <exception cref="MlOpsException">A row cannot be scored, or has no key; the message names it.</exception>
    public async ValueTask<RecordBatch?> ScoreAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        _accepted.Clear();
        for (var start = 0; start < batch.RowCount; start += ModelScorer.BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = Math.Min(start + ModelScorer.BlockRows, batch.RowCount);
            var count = Take(batch, start, end);
            if (!HasFailed && count > 0)
            {
                Score(batch, start, count);
                for (var at = 0; at < count; at++)
                {
                    if (scorer.FlagsOf(at) > 0) FlaggedCount++;
                    Append(at, _ids[at] = IdOf(batch, _block[at], start));
                }

                for (var recorded = 0; recorder is not null && (recorded = Record(recorded, count)) < count;)
                {
                    await makeRoom(cancellationToken).ConfigureAwait(false);
                }

                _accepted.AddRange(_block.AsSpan(0, count));
                RowCount += count;
            }

            _read += end - start;
        }

        if (HasFailed || _accepted.Count == 0) return null;
        var added = _added.Build();
        int[]? taken = _accepted.Count < batch.RowCount ? [.. _accepted] : null;
        return new RecordBatch(
            columns.Output,
            [.. columns.Kept.Select(i => taken is null ? batch.Columns[i] : batch.Columns[i].Take(taken)), .. added.Columns]);
    }

    // Fills the scorer with the rows of a block that the contract accepts.
    private int Take(RecordBatch batch, int start, int end)
    {
        var count = end - start;
        for (var at = 0; at < count; at++) _block[at] = start + at;
        Fill(batch, 0, count);
        if (scorer.Check is not { } check) return count;
        check.Run(_read);
        if (HasFailed) return 0;
        var accepted = 0;
        for (var at = 0; at < count; at++)
        {
            if (!check.IsRejected(at)) _block[accepted++] = start + at;
        }

        if (accepted == count) return count;
        RejectedCount += count - accepted;
        Fill(batch, 0, accepted);
        check.Run(_read, defaultsOnly: true);
        return accepted;
    }

    private void Score(RecordBatch batch, int start, int count)
    {
        try
        {
            scorer.Score(_read + 1).CopyTo(_scores);
        }
        catch (Exception e)
        {
            throw FailureOf(batch, start, count, e);
        }
    }

    private void Fill(RecordBatch batch, int from, int until)
    {
        scorer.ClearBlock();
        for (var i = 0; i < columns.Inputs.Length; i++)
        {
            for (var at = from; at < until; at++) scorer.Inputs[i].Append(batch.Columns[columns.Inputs[i]], _block[at]);
        }
    }

    private void Append(int at, PredictionId id)
    {
        var scores = _scores.AsSpan(at * _outputs, _outputs);
        var labels = package.Decision.Labels;
        ((TextColumnBuilder)_added[0]).Append(id.ToString());
        ((IntegerColumnBuilder)_added[1]).Append(version);
        for (var k = 0; k < _outputs; k++) ((NumberColumnBuilder)_added[2 + k]).Append(scores[k]);
        if (labels.Task != TaskKind.Regression)
        {
            ((TextColumnBuilder)_added[2 + _outputs]).Append(labels.Classes[package.Decision.Decide(scores)]);
        }
    }

    private PredictionId IdOf(RecordBatch batch, int row, int start)
    {
        if (columns.Key < 0) return PredictionId.New();
        var column = batch.Columns[columns.Key];
        if (!column.IsMissing(row) && column.GetText(row) is { Length: > 0 } text) return PredictionId.FromKey(columns.KeyPrefix + text);
        throw new MlOpsException(
            string.Create(CultureInfo.InvariantCulture, $"Row {_read + row - start + 1} has no key."),
            "Give every row a key, or leave ScoringOptions.KeyColumn null for new ids.")
        {
            DataSource = source, Column = batch.Schema[columns.Key].Name
        };
    }

    // How many rows of the block are recorded, until there is no room.
    private int Record(int from, int rows)
    {
        for (var row = from; row < rows; row++)
        {
            var scores = _scores.AsSpan(row * _outputs, _outputs);
            switch (recorder!.TryRecord(_ids[row], scorer.Inputs, row, scores, package.Decision.Decide(scores), RouteGeneration.None))
            {
                case RecordOutcome.Full: return row;
                case RecordOutcome.Recorded: RecordedCount++; break;
            }
        }

        return rows;
    }

    // What failed knows the block at most: a second pass, row by row, shows which one it was.
    private MlOpsException FailureOf(RecordBatch batch, int start, int count, Exception failure)
    {
        for (var at = 0; at < count; at++)
        {
            var number = _read + _block[at] - start + 1;
            try
            {
                Fill(batch, at, at + 1);
                scorer.Check?.Run(number - 1, defaultsOnly: true);
                scorer.Score(number);
            }
            catch (Exception e)
            {
                return Failure(string.Create(CultureInfo.InvariantCulture, $"Row {number} cannot be scored"), e);
            }
        }

        return Failure(
            string.Create(
                CultureInfo.InvariantCulture, $"One of the rows {_read + 1} to {_read + _block[count - 1] - start + 1} cannot be scored"),
            failure);
    }

    private MlOpsException Failure(string rows, Exception cause)
    {
        var known = cause as MlOpsException;
        return new MlOpsException(
            $"{rows}: {known?.Problem ?? Secrets.Blank(cause.Message)}",
            known?.Remedy ?? "Correct the row, or the code that reads it, and score the table again.",
            cause) { DataSource = source, Column = known?.Column };
    }
}

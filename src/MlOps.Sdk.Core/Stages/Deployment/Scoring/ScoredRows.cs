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
internal sealed class ScoredRows(
    string source,
    int version,
    ModelPackage package,
    ModelScorer scorer,
    ScoredColumns columns,
    IPredictionRecorder? recorder,
    Func<CancellationToken, Task> makeRoom)
{
    private readonly PredictionId[] _ids = new PredictionId[ModelScorer.BlockRows];
    private readonly int _outputs = package.Signature.Outputs;
    private readonly double[] _scores = new double[ModelScorer.BlockRows * package.Signature.Outputs];
    private readonly RecordBatchBuilder _added = new(columns.Added);

    /// <summary>The rows that were scored.</summary>
    public long RowCount { get; private set; }

    /// <summary>The rows that were recorded.</summary>
    public long RecordedCount { get; private set; }

    /// <summary>The rows with what is kept of them, their ids, the version, the scores and the decisions.</summary>
    /// <exception cref="MlOpsException">A row cannot be scored, or has no key; the message names it.</exception>
    public async ValueTask<RecordBatch> ScoreAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        for (var start = 0; start < batch.RowCount; start += ModelScorer.BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = Math.Min(start + ModelScorer.BlockRows, batch.RowCount);
            Score(batch, start, end);
            for (var row = start; row < end; row++) Append(row - start, _ids[row - start] = IdOf(batch, row));
            for (var recorded = 0; recorder is not null && (recorded = Record(recorded, end - start)) < end - start;)
            {
                await makeRoom(cancellationToken).ConfigureAwait(false);
            }

            RowCount += end - start;
        }

        var added = _added.Build();
        return new RecordBatch(columns.Output, [.. columns.Kept.Select(i => batch.Columns[i]), .. added.Columns]);
    }

    private void Score(RecordBatch batch, int start, int end)
    {
        try
        {
            Fill(batch, start, end);
            scorer.Score(RowCount + 1).CopyTo(_scores);
        }
        catch (Exception e)
        {
            throw FailureOf(batch, start, end, e);
        }
    }

    private void Fill(RecordBatch batch, int start, int end)
    {
        scorer.Clear();
        for (var i = 0; i < columns.Inputs.Length; i++)
        {
            for (var row = start; row < end; row++) scorer.Inputs[i].Append(batch.Columns[columns.Inputs[i]], row);
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

    private PredictionId IdOf(RecordBatch batch, int row)
    {
        if (columns.Key < 0) return PredictionId.New();
        var column = batch.Columns[columns.Key];
        if (!column.IsMissing(row) && column.GetText(row) is { Length: > 0 } text) return PredictionId.FromKey(columns.KeyPrefix + text);
        throw new MlOpsException(
            string.Create(CultureInfo.InvariantCulture, $"Row {RowCount + row % ModelScorer.BlockRows + 1} has no key."),
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
            switch (recorder!.TryRecord(_ids[row], scorer.Inputs, row, scores, package.Decision.Decide(scores)))
            {
                case RecordOutcome.Full: return row;
                case RecordOutcome.Recorded: RecordedCount++; break;
            }
        }

        return rows;
    }

    // What failed knows the block at most: a second pass, row by row, shows which one it was.
    private MlOpsException FailureOf(RecordBatch batch, int start, int end, Exception failure)
    {
        for (var row = start; row < end; row++)
        {
            try
            {
                Fill(batch, row, row + 1);
                scorer.Score(RowCount + row - start + 1);
            }
            catch (Exception e)
            {
                return Failure(string.Create(CultureInfo.InvariantCulture, $"Row {RowCount + row - start + 1} cannot be scored"), e);
            }
        }

        return Failure(
            string.Create(CultureInfo.InvariantCulture, $"One of the rows {RowCount + 1} to {RowCount + end - start} cannot be scored"),
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

using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Runs one expectation over the rows of a run, and keeps count. Not thread-safe.</summary>
internal sealed class ExpectationTally(ExpectationRule rule, Schema schema)
{
    private const int MostExamples = 5;
    private readonly ExpectationCheck _check = rule.Expectation.Begin(schema);
    private readonly List<ExpectationExample> _examples = [];
    private long _checked;
    private long _failed;

    public ValueTask PrepareAsync(IReadOnlyCollection<string> personal, CancellationToken cancellationToken) =>
        _check.PrepareAsync(personal, cancellationToken);

    /// <summary>Checks a batch; says whether any row failed.</summary>
    public bool Check(RecordBatch batch, Span<bool> failed)
    {
        failed.Clear();
        _check.Check(batch, failed);
        var any = false;
        for (var row = 0; row < failed.Length; row++)
        {
            if (!failed[row]) continue;
            any = true;
            _failed++;
            if (_examples.Count < MostExamples)
            {
                _examples.Add(
                    new ExpectationExample(_checked + row + 1, _check.Show(batch, row) is { } value ? PrintableText.Shorten(value) : null));
            }
        }

        _checked += batch.RowCount;
        return any;
    }

    /// <summary>The results of a run.</summary>
    /// <exception cref="ExpectationFailedException">The run fails for one of them.</exception>
    public static List<ExpectationResult> Complete(IEnumerable<ExpectationTally> tallies)
    {
        var results = tallies.Select(tally => tally.Complete()).ToList();
        return results.Exists(result => result.FailsRun) ? throw new ExpectationFailedException(results) : results;
    }

    public ExpectationResult Complete()
    {
        var result = new ExpectationResult
        {
            Name = rule.Expectation.Name,
            Description = rule.Expectation.Description,
            OnFailure = rule.OnFailure,
            Mostly = rule.Mostly ?? 1,
            RowsChecked = _checked,
            RowsFailed = _failed,
            Examples = _examples,
            Problem = _check.Complete(),
        };
        return result with
        {
            FailsRun = !result.Met
                && (rule.OnFailure == OnFailure.Fail
                    || rule.OnFailure == OnFailure.Quarantine && (result.Problem is not null || rule.Mostly is not null))
        };
    }
}

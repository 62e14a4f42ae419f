using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Processing;

/// <summary>An expectation: rows pass unchanged, or are quarantined where they fail.</summary>
internal sealed class CheckStep(ExpectationRule rule) : PipelineStep(rule.Expectation, needsAllRows: true)
{
    public override bool SetsAside => rule.OnFailure == OnFailure.Quarantine;

    public override string NeedsSet => $"The expectation '{rule.Expectation.Name}' judges a set of rows";

    public override Schema Bind(Schema input)
    {
        using var call = PluginCalls.Enter("expectation", rule.Expectation.Name);
        _ = rule.Expectation.Begin(input);
        return input;
    }

    public override void Describe(FingerprintBuilder fingerprint, string name)
    {
        if (rule.Expectation is ReferenceExpectation { ReadsSource: true } reference)
        {
            fingerprint.SetOpaque($"{name} ({reference.Name}) reads a source, whose content may change");
        }
        fingerprint.AddObject(name, rule);
    }

    public override ValueTask PrepareAsync(PipelineRun run, int place, CancellationToken cancellationToken)
    {
        var tally = new ExpectationTally(rule, run.Places[place]);
        run.Tallies.Add(place, tally);
        return tally.PrepareAsync(run.Personal, cancellationToken);
    }

    public override async IAsyncEnumerable<KeyedBatch> Flow(
        IAsyncEnumerable<KeyedBatch> rows, PipelineRun run, int place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tally = run.Tallies[place];
        var failed = new bool[RecordBatch.MaxRows];
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            bool anyFailed;
            using (PluginCalls.Enter("expectation", rule.Expectation.Name))
            {
                anyFailed = tally.Check(batch.Batch, failed.AsSpan(0, batch.Batch.RowCount));
            }
            if (!anyFailed || !SetsAside)
            {
                yield return batch;
                continue;
            }

            var kept = new List<int>();
            for (var row = 0; row < batch.Batch.RowCount; row++)
            {
                if (!failed[row]) kept.Add(row);
                else await run.SetAside(place, rule.Expectation.Name, batch.Batch, row, cancellationToken).ConfigureAwait(false);
            }

            if (kept.Count > 0) yield return batch.Take(kept);
        }
    }

    public override string ToString() => $"expect({rule.Expectation.Description})";
}

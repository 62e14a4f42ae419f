using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Processing;

/// <summary>A row-wise step: each row keeps its key, and what it was before.</summary>
internal sealed class RowStep(IRowProcessor step) : PipelineStep(step, step.NeedsAllRows)
{
    public override IRowProcessor RowProcessor => step;

    public override Schema Bind(Schema input)
    {
        // When serving, a column that is gone already need not be dropped; here it is a typing error.
        if (step is DropColumns drop && drop.Columns.FirstOrDefault(column => !input.Contains(column)) is { } missing)
        {
            throw NearestName.MissingColumn(missing, drop.ToString(), input);
        }
        return step.Bind(input);
    }

    public override void Describe(FingerprintBuilder fingerprint, string name)
    {
        var saved = SavedPart.Of(step.FormatId, step.Save);
        fingerprint.Add(name, $"{saved.FormatId} {Convert.ToHexString(saved.Bytes)}").AddCode(name, Type);
    }

    public override string NameBefore(Schema input, string column)
    {
        var binding = step.BindRows(input);
        return binding.Output.TryGetIndex(column, out var index) && binding.Columns[index] is { Computation: null } passed
            ? input[passed.Input].Name
            : column;
    }

    public override (string? Name, bool IsRemade) NameAfter(Schema input, string column)
    {
        var binding = step.BindRows(input);
        var before = input.IndexOf(column);
        for (var i = 0; i < binding.Columns.Count; i++)
        {
            if (binding.Columns[i].Input == before) return (binding.Output[i].Name, false);
        }

        return binding.Output.Contains(column) ? (column, step is not CastColumn { IsOneToOne: true }) : (null, false);
    }

    public override async IAsyncEnumerable<KeyedBatch> Flow(
        IAsyncEnumerable<KeyedBatch> rows, PipelineRun run, int place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var binding = step.BindRows(run.Places[place]);
        long before = 0;
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            RecordBatch changed;
            try
            {
                using var call = PluginCalls.Enter("row processor", Type.Name);
                changed = binding.Apply(batch.Batch);
            }
            catch (RowValueException e)
            {
                throw e.At(before);
            }

            before += changed.RowCount;
            yield return new KeyedBatch(changed, batch.Keys, run.Served <= place ? batch.Raw : null);
        }
    }
}

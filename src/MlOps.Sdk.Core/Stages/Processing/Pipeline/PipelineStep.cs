using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Processing;

/// <summary>
/// A step as a pipeline runs it, whatever kind of step it is. Thread-safe: what belongs to one pass over rows is in its
/// <see cref="PipelineRun"/>.
/// </summary>
/// <param name="part">The step, expectation or selection that was given to the builder.</param>
/// <param name="needsAllRows">Whether it needs or remembers all rows.</param>
internal abstract class PipelineStep(object part, bool needsAllRows)
{
    /// <summary>The type whose code decides what comes out.</summary>
    public Type Type => part.GetType();

    /// <summary>The step that goes into the package; <see langword="null"/> for one that is not row-wise.</summary>
    public virtual IRowProcessor? RowProcessor => null;

    /// <summary>Whether rows that come out may be others than those that went in, so that they need keys of their own.</summary>
    public virtual bool MakesRows => false;

    /// <summary>Whether rows may be quarantined here.</summary>
    public virtual bool SetsAside => false;

    /// <summary>Why rows without an end cannot pass, as the beginning of a sentence; <see langword="null"/> when they can.</summary>
    public virtual string? NeedsSet => needsAllRows ? $"The step {part} needs all rows" : null;

    /// <summary>What somebody should look at, once all rows were read; <see langword="null"/> for nothing.</summary>
    public virtual string? Note => null;

    public static PipelineStep Of(IDataProcessor step) => step is IRowProcessor rows ? new RowStep(rows) : new TableStep(step);

    /// <summary>Reads what the step looks up; what is read stays for the life of the step.</summary>
    /// <param name="personal">Columns whose values may be kept in no name and no message.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">It cannot be read.</exception>
    public virtual ValueTask LoadAsync(IReadOnlyCollection<string> personal, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    /// <summary>The schema after the step.</summary>
    /// <exception cref="MlOpsException">The step does not fit the columns.</exception>
    public abstract Schema Bind(Schema input);

    /// <summary>Says what decides the step's result.</summary>
    public virtual void Describe(FingerprintBuilder fingerprint, string name) => fingerprint.AddObject(name, part);

    /// <summary>The name that a column has before the step, also when it does not exist there.</summary>
    public virtual string NameBefore(Schema input, string column) => column;

    /// <summary>
    /// The name that a column has after the step, <see langword="null"/> when it is gone; and whether the step gives it other values, so
    /// that different ones may become equal.
    /// </summary>
    public virtual (string? Name, bool IsRemade) NameAfter(Schema input, string column) => (column, false);

    /// <summary>Makes the step ready for a pass, before the first row.</summary>
    public virtual ValueTask PrepareAsync(PipelineRun run, int place, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Passes rows through the step.</summary>
    /// <param name="rows">The rows before.</param>
    /// <param name="run">The pass.</param>
    /// <param name="place">The step's place in the pipeline, from 0.</param>
    /// <param name="cancellationToken">Cancels the processing.</param>
    public abstract IAsyncEnumerable<KeyedBatch> Flow(
        IAsyncEnumerable<KeyedBatch> rows, PipelineRun run, int place, CancellationToken cancellationToken);

    /// <summary>The step with its parameters, as people see it.</summary>
    public override string ToString() => part.ToString() is { } text && text != Type.FullName ? text : Type.Name;
}

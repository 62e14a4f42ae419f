using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// A row is held out when the fraction that its key represents is below the test share. That depends on the row alone, so no order, batch
/// or other row moves it, equal rows stay together, and a larger test share only adds rows. Each class is split by its own rows' hashes, so
/// it gets the test share in expectation.
/// </summary>
internal sealed class HashSplitter(
    double test, string[] key, FoldKind folds = FoldKind.Stratified, bool isPortable = false) : ISplitter
{
    public string Name =>
        (isPortable ? "portable " : "") + string.Create(
            CultureInfo.InvariantCulture, $"keyed hash{(key.Length == 0 ? "" : $" of {string.Join(", ", key)}")}, test {test:R}");

    public IReadOnlyList<string> Key => key;

    /// <summary>The share of the keys that is held out in expectation.</summary>
    public double Share => test;

    /// <summary>Whether keys are hashed as databases do it, too.</summary>
    public bool IsPortable => isPortable;

    public FoldRule Folds => new(folds);

    public SplitAssignment Begin(Schema schema) => new Assignment(test);

    /// <summary>Whether a row of this key is held out.</summary>
    public bool Holds(RowKey key) => key.Fraction < test;

    private sealed class Assignment(double test) : SplitAssignment
    {
        public override void Assign(RecordBatch batch, ReadOnlySpan<RowKey> keys, Span<SplitSide> sides)
        {
            for (var row = 0; row < sides.Length; row++) sides[row] = keys[row].Fraction < test ? SplitSide.Holdout : SplitSide.Train;
        }
    }
}

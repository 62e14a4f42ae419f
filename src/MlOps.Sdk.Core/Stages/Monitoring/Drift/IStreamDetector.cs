using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Notices a change in a stream of numbers, one value at a time, for example errors or scores. Not thread-safe; one instance per
/// stream. Updating allocates nothing.
/// </summary>
[Experimental("MLOPS001")]
public interface IStreamDetector
{
    /// <summary>The name shown and stored, for example <c>page-hinkley</c>.</summary>
    string Name { get; }

    /// <summary>Takes the next value.</summary>
    /// <param name="value">The value; a detector that wants a certain range says so and rejects others.</param>
    /// <returns>Whether a change was detected; the detector starts again with the next value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is NaN or outside the range of the detector.</exception>
    bool Update(double value);

    /// <summary>Forgets everything.</summary>
    void Reset();

    /// <summary>Writes the state, so that another process can continue; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    void Save(IBufferWriter<byte> to);

    /// <summary>Continues from a saved state.</summary>
    /// <param name="state">What <see cref="Save"/> wrote.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another detector.</exception>
    void Restore(ReadOnlySpan<byte> state);
}

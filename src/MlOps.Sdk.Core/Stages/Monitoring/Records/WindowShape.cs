using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// What a window of a version counts, beside what it is compared with. It outlives the package that it comes from. Immutable and
/// thread-safe.
/// </summary>
internal sealed class WindowShape
{
    private readonly Lazy<long> _hash;

    public WindowShape(PackageBaseline baseline, Decision? decision, IEnumerable<string> attributes)
    {
        (Baseline, Decision, Attributes) = (baseline, decision, [.. attributes]);
        _hash = new(() =>
        {
            var bytes = new ArrayBufferWriter<byte>();
            baseline.Save(bytes);
            return BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(bytes.WrittenSpan));
        });
    }

    public PackageBaseline Baseline { get; }

    public Decision? Decision { get; }

    public string[] Attributes { get; }

    /// <summary>Identifies the baseline: windows beside different ones cannot be merged.</summary>
    public long Hash => _hash.Value;

    public static WindowShape Of(ModelPackage package) => new(
        package.Baseline,
        package.Decision,
        package.Graph.Input.Select(field => field.Name).Intersect(package.Problem.ProtectedAttributes.Union(package.Graph.Observed)));
}

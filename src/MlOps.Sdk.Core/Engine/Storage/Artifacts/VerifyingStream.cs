using System.Security.Cryptography;

namespace MlOps.Sdk.Storage;

/// <summary>Reads an artifact and compares its hash when the end is reached.</summary>
/// <param name="inner">The bytes; disposed with the stream.</param>
/// <param name="id">The artifact.</param>
/// <param name="source">Where it is kept.</param>
/// <param name="remedy">What to do when it is damaged; <see langword="null"/> for what helps with a file.</param>
internal sealed class VerifyingStream(Stream inner, ArtifactId id, string source, string? remedy = null) : ForwardStream
{
    /// <summary>What to do when an object is damaged.</summary>
    public const string ObjectRemedy =
        "Copy the object elsewhere to examine it later, then restore an earlier version of it or run the stage that created it again.";

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool _verified;

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        Add(buffer[..read], buffer.Length);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Add(buffer.Span[..read], buffer.Length);
        return read;
    }

    public static MlOpsException Damaged(ArtifactId id, string source, string? remedy = null) => new(
        $"The artifact {id} is damaged: its bytes are not those that were stored.",
        remedy ?? "Move the file away to examine it later, then restore it from a backup or run the stage that created it again.")
    {
        DataSource = source
    };

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Add(ReadOnlySpan<byte> bytes, int asked)
    {
        if (bytes.Length > 0)
        {
            _hash.AppendData(bytes);
        }
        else if (asked > 0 && !_verified)
        {
            if (ArtifactId.FromHash(_hash.GetCurrentHash()) != id) throw Damaged(id, source, remedy);
            _verified = true;
        }
    }
}

using System.Buffers;

namespace MlOps.Sdk.AspNetCore;

/// <summary>How rejections are written for the callers of a protocol.</summary>
/// <param name="MediaType">The type of the body.</param>
/// <param name="Write">Writes one.</param>
internal sealed record RejectionFormat(string MediaType, Action<IBufferWriter<byte>, Rejection> Write)
{
    /// <summary>Problem details.</summary>
    public static RejectionFormat Problem { get; } = new(ProblemFormat.MediaType, ProblemFormat.Write);
}

using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The answers to the rows of a request, all of one version.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version that answered.</param>
/// <param name="Arm">Its arm.</param>
/// <param name="Labels">The label and its classes.</param>
/// <param name="Rows">An answer for each row.</param>
/// <param name="Room">The memory that is reserved to write them.</param>
internal sealed record Answers(
    string Model, int Version, string Arm, LabelEncoding Labels, IReadOnlyList<Prediction<RowAnswer>> Rows, AnswerRoom Room) : IDisposable
{
    // The id, the names of the members and what is around them; a number has up to 24 characters.
    private const int RowBytes = 160;
    private const int ScoreBytes = 26;

    /// <summary>Reserves the memory for the answers to rows, in the form that takes most: about as much as they will need.</summary>
    /// <exception cref="Rejection">There is not so much left.</exception>
    public static void Reserve(AnswerRoom room, LabelEncoding labels, int rows)
    {
        if (rows <= 1) return;
        var longest = labels.Classes.Count == 0 ? 0 : labels.Classes.Max(name => name.Length);
        var bytes = rows * (RowBytes + longest + (long)ScoreBytes * labels.Outputs);
        if (bytes > AnswerBuffer.FirstBytes) room.Reserve(bytes);
    }

    public void Dispose() => Room.Dispose();
}

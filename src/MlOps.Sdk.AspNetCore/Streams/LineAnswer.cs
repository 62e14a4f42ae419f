using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>What became of a line of a stream: an answer, or mistakes.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Answer">The answer; <see langword="null"/> for a line with mistakes.</param>
/// <param name="Mistakes">The mistakes.</param>
internal sealed record LineAnswer(long Line, Prediction<RowAnswer>? Answer, Mistakes? Mistakes);

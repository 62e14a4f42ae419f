using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The answers to the rows of a request, all of one version.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version that answered.</param>
/// <param name="Arm">Its arm.</param>
/// <param name="Labels">The label and its classes.</param>
/// <param name="Rows">An answer for each row.</param>
internal sealed record Answers(string Model, int Version, string Arm, LabelEncoding Labels, IReadOnlyList<Prediction<RowAnswer>> Rows);

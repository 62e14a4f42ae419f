using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Monitoring;

/// <summary>Refuses labels that can belong to no prediction of a model.</summary>
internal static class LabelCheck
{
    /// <summary>Checks a label as it was told.</summary>
    /// <param name="id">The id of the prediction.</param>
    /// <param name="label">The label as it stands in the data.</param>
    /// <param name="known">The labels of the live version; <see langword="null"/> when the label is not compared with them.</param>
    /// <returns>The id as it is stored.</returns>
    /// <exception cref="MlOpsException">The id is <see langword="default"/>, or the label is empty or none of those known.</exception>
    public static string Check(PredictionId id, string label, LabelEncoding? known)
    {
        if (id == default)
        {
            throw new MlOpsException(
                "A label was told for the prediction id that is all zeros, which no prediction has.",
                "Tell the Id of the Prediction that the endpoint answered.");
        }
        if (string.IsNullOrEmpty(label))
        {
            throw new MlOpsException($"The label of the prediction {id} is empty.", "Leave predictions out whose truth is not known yet.");
        }
        if (known is null || known.Find(label) is not null) return id.ToString();
        throw new MlOpsException(
            $"'{PrintableText.Shorten(label)}', told for the prediction {id}, is no " +
                $"{(known.Task == TaskKind.Regression ? "number" : "class")} of the label.",
            known.Task == TaskKind.Regression
                ? "Write the number with a point and without separators."
                : $"The classes are {string.Join(", ", known.Classes.Take(20))}{(known.Classes.Count > 20 ? ", …" : "")}.")
        { Column = known.Label };
    }
}

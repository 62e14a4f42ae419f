namespace MlOps.Sdk.MLNet;

/// <summary>The names of the columns that trainers of the library see.</summary>
internal static class TrainingColumns
{
    public const string Label = "Label";
    public const string Features = "Features";
    public const string Weight = "Weight";
    public const string Score = "Score";
    public const string Probability = "Probability";
}

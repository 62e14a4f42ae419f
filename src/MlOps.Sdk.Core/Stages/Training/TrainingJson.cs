using System.Text.Json.Serialization;

namespace MlOps.Sdk.Training;

/// <summary>How the records of stage 7 are stored.</summary>
[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Leaderboard))]
[JsonSerializable(typeof(TrialResult))]
[JsonSerializable(typeof(SortedDictionary<string, HyperparameterValue>))]
[JsonSerializable(typeof(TrainingSummary))]
internal sealed partial class TrainingJson : JsonSerializerContext;

using System.Text.Json.Serialization;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>
/// Requests and answers of the REST API 2.0 of MLflow, which reads JSON as Protocol Buffers do: numbers that are none are texts. See
/// mlflow/protos/service.proto.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(MlflowBatch))]
[JsonSerializable(typeof(MlflowRunRequest))]
[JsonSerializable(typeof(MlflowRunUpdate))]
[JsonSerializable(typeof(MlflowRunSearch))]
[JsonSerializable(typeof(MlflowRunAnswer))]
[JsonSerializable(typeof(MlflowRunsAnswer))]
[JsonSerializable(typeof(MlflowExperimentRequest))]
[JsonSerializable(typeof(MlflowExperimentAnswer))]
[JsonSerializable(typeof(MlflowInputs))]
[JsonSerializable(typeof(MlflowError))]
[JsonSerializable(typeof(RunDetails))]
internal sealed partial class MlflowJson : JsonSerializerContext;

namespace MlOps.Sdk.Deployment;

/// <summary>A call of SageMaker that was answered with an error, or not at all.</summary>
internal sealed class SageMakerFailure(string code, string said, string problem, string remedy, Exception? inner = null)
    : MlOpsException(problem, remedy, inner)
{
    /// <summary>The code of the error, such as <c>ValidationException</c>; empty where there was no answer.</summary>
    public string Code => code;

    /// <summary>What SageMaker said, for decisions; not for messages.</summary>
    public string Said => said;

    /// <summary>Whether the subject of the call does not exist.</summary>
    public bool IsMissing => Code is "ResourceNotFound" || (Code is "ValidationException" && Says("Could not find"));

    /// <summary>Whether what was to be created is there.</summary>
    public bool Exists => Code is "ValidationException" or "ResourceInUse" && (Says("already existing") || Says("already exists"));

    /// <summary>Whether the endpoint is changed by somebody else, or by a call that was left.</summary>
    public bool IsBusy => Code is "ValidationException" or "ResourceInUse" && (Says("in-progress") || Says("in progress"));

    /// <summary>Whether the call came to the endpoint, and its containers did not answer it.</summary>
    public bool IsOfContainer =>
        Code is "ModelError" or "ModelNotReadyException" or "InternalDependencyException" or "InternalFailure" or "ServiceUnavailable";

    /// <summary>
    /// Whether the model's container answered, with an error. One that does not answer in time may only have too much to do.
    /// </summary>
    public bool IsOfModel => Code is "ModelError" && !Says("timed out");

    /// <summary>Whether the same request may succeed soon.</summary>
    public bool IsTemporary { get; init; }

    private bool Says(string text) => said.Contains(text, StringComparison.OrdinalIgnoreCase);
}

using Microsoft.Extensions.Options;

namespace MlOps.Sdk.AspNetCore;

/// <summary>What no attribute of the options can say.</summary>
internal sealed class ModelServingOptionsRules : IValidateOptions<ModelServingOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelServingOptions options)
    {
        var mistakes = new List<string>();
        Check(options.PredictPolicy, nameof(options.PredictPolicy), options.AllowAnonymousPredictions);
        Check(options.LabelPolicy, nameof(options.LabelPolicy), options.AllowAnonymousLabels);
        Check(options.AdminPolicy, nameof(options.AdminPolicy), isAnonymous: false);
        if (options.BufferedBytes < 4 * options.RequestBytes)
        {
            mistakes.Add(
                "ModelServingOptions.BufferedBytes is less than four times RequestBytes, so that the largest request would not fit " +
                    "while its buffer grows. Set a larger one, or smaller RequestBytes.");
        }
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);

        void Check(string? policy, string option, bool isAnonymous)
        {
            if (policy is not null && string.IsNullOrWhiteSpace(policy))
            {
                mistakes.Add($"ModelServingOptions.{option} is empty. Name a policy, or leave it null.");
            }
            else if (policy is not null && isAnonymous)
            {
                mistakes.Add($"ModelServingOptions.{option} is set, and anonymous calls are allowed as well. Choose one of the two.");
            }
        }
    }
}

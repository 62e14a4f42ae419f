using System.Text.Json.Serialization;

namespace MlOps.Sdk.Storage;

/// <summary>How S3 encrypts the objects that it stores.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<S3Encryption>))]
public enum S3Encryption
{
    /// <summary>With keys of S3 (SSE-S3, AES-256): each upload asks for it.</summary>
    S3Managed,

    /// <summary>
    /// With a key of the AWS Key Management Service (SSE-KMS): each upload asks for it, and names <see cref="S3StoreOptions.KmsKeyId"/>.
    /// </summary>
    Kms,

    /// <summary>
    /// As the bucket says: uploads ask for nothing. For stores that speak S3 and reject the request; Amazon's encrypts with its own keys
    /// where the bucket does not say otherwise.
    /// </summary>
    BucketDefault,
}

using System.Net;
using MimeKit;

namespace MlOps.Sdk.Monitoring;

/// <summary>How alerts are sent by e-mail.</summary>
public sealed class EmailOptions
{
    /// <summary>The name of the mail server.</summary>
    public string Host { get; set; } = "";

    /// <summary>Its port. Default: 587.</summary>
    public int Port { get; set; } = 587;

    /// <summary>How the connection is encrypted. Default: <see cref="EmailSecurity.StartTls"/>.</summary>
    public EmailSecurity Security { get; set; } = EmailSecurity.StartTls;

    /// <summary>The user; <see langword="null"/> for a server that needs none. Default: none.</summary>
    public string? User { get; set; }

    /// <summary>
    /// Gives the password of <see cref="User"/>; called for each alert, so that it can be changed while the process runs. It is kept
    /// nowhere.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Password { get; set; }

    /// <summary>Who sends, as an address: <c>Models &lt;models@example.org&gt;</c>.</summary>
    public string From { get; set; } = "";

    /// <summary>Who receives, as addresses; at least one.</summary>
    public IList<string> To { get; private set; } = [];

    /// <summary>Whether it is also told that an alert is resolved, as an answer to the first message. Default: no.</summary>
    public bool SendResolved { get; set; }

    /// <summary>The longest that an alert may take: 10 milliseconds to 2 minutes. A check waits for as long. Default: 30 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Takes the password from an environment variable, which is read for each alert.</summary>
    /// <param name="variable">The variable's name.</param>
    public void PasswordFromEnvironment(string variable)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(variable);
        Password = _ => ValueTask.FromResult(Environment.GetEnvironmentVariable(variable) is { Length: > 0 } password
            ? password
            : throw new MlOpsException(
                $"The environment variable '{variable}' is not set.", "Set it to the password of the mail server's user."));
    }

    /// <summary>The options as they are now, which nobody changes later.</summary>
    internal EmailOptions Checked()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Host, nameof(Host));
        if (Port is < 1 or > 65_535) throw new ArgumentOutOfRangeException(nameof(Port), Port, "A port is between 1 and 65,535.");
        if (!Enum.IsDefined(Security))
        {
            throw new ArgumentOutOfRangeException(nameof(Security), Security, "The kind of encryption is not defined.");
        }
        if (Security == EmailSecurity.None && !IsThisMachine(Host))
        {
            throw new ArgumentException(
                $"The connection to '{Host}' would not be encrypted: use StartTls or Tls. Only this machine may be asked without.",
                nameof(Security));
        }
        if (User is not null && Password is null)
        {
            throw new ArgumentException("EmailOptions.User needs a password: set EmailOptions.Password.", nameof(Password));
        }
        Address(From, nameof(From));
        if (To.Count == 0) throw new ArgumentException("EmailOptions.To has no address: add one.", nameof(To));
        foreach (var to in To) Address(to, nameof(To));
        if (Timeout < TimeSpan.FromMilliseconds(10) || Timeout > TimeSpan.FromMinutes(2))
        {
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, "The time is between 10 milliseconds and 2 minutes.");
        }
        var kept = (EmailOptions)MemberwiseClone();
        kept.To = [.. To];
        return kept;
    }

    internal static MailboxAddress Address(string address, string name) =>
        !string.IsNullOrWhiteSpace(address) && !address.Any(char.IsControl) && MailboxAddress.TryParse(address, out var parsed)
            && parsed.Address.Contains('@', StringComparison.Ordinal)
            ? parsed
            : throw new ArgumentException($"EmailOptions.{name} has an address that is none.", name);

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}

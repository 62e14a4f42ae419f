using MailKit.Net.Smtp;
using MailKit.Security;

namespace MlOps.Sdk.Monitoring;

/// <summary>Sends alerts by e-mail, each over a connection of its own. Thread-safe.</summary>
internal sealed class EmailSink(EmailOptions options) : IAlertSink
{
    private readonly EmailOptions _options = options.Checked();

    public bool WantsResolved => _options.SendResolved;

    /// <exception cref="MlOpsException">The mail server cannot be reached, is too slow, or rejects the message.</exception>
    public async ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        cancellationToken.ThrowIfCancellationRequested();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(_options.Timeout);
        string? password = null;
        try
        {
            if (_options.User is not null) password = await ReadPasswordAsync(end.Token).ConfigureAwait(false);
            using var mail = EmailMessage.Write(alert, _options);
            using var client = new SmtpClient();
            await client.ConnectAsync(_options.Host, _options.Port, SecurityOf(_options.Security), end.Token).ConfigureAwait(false);
            if (password is not null) await client.AuthenticateAsync(_options.User!, password, end.Token).ConfigureAwait(false);
            await client.SendAsync(mail, end.Token).ConfigureAwait(false);
            await LeaveAsync(client, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MlOpsException(
                $"The mail server '{_options.Host}' did not answer in time.",
                "Check the server; EmailOptions.Timeout says how long it is waited for.",
                e);
        }
        catch (Exception e) when (e is not MlOpsException and not OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // What a server says may repeat what it was told.
            var says = string.IsNullOrEmpty(password) ? e.Message : e.Message.Replace(password, "…", StringComparison.Ordinal);
            throw new MlOpsException(
                $"The mail server '{_options.Host}' did not take the alert: {AlertText.Plain(says, 300)}",
                "Check EmailOptions: host, port, encryption, user and addresses.");
        }
    }

    private static SecureSocketOptions SecurityOf(EmailSecurity security) => security switch
    {
        EmailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        EmailSecurity.None => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,
    };

    // The message is delivered by then.
    private static async Task LeaveAsync(SmtpClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A server that does not say farewell has it all the same.
        }
    }

    private async Task<string> ReadPasswordAsync(CancellationToken cancellationToken)
    {
        string? password;
        try
        {
            password = await _options.Password!(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not MlOpsException and not OperationCanceledException)
        {
            throw new MlOpsException("The password of the mail server cannot be read.", "Correct EmailOptions.Password.", e);
        }
        return string.IsNullOrEmpty(password)
            ? throw new MlOpsException("The password of the mail server is empty.", "Return the password from EmailOptions.Password.")
            : password;
    }
}

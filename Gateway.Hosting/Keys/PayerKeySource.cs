using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>Registers the source of the payer's key.</summary>
internal static class PayerKeyRegistration
{
    /// <summary>Adds the source.</summary>
    public static IServiceCollection AddPayerKey(
        this IServiceCollection services, IConfiguration configuration) => services.AddSingleton(provider => new PayerKeySource(
        configuration,
        provider.GetRequiredService<SettingTable>(),
        provider.GetRequiredService<CommandLine>(),
        provider.GetRequiredService<UncheckedOptions<PayerOptions>>()));
}

/// <summary>The result of reading the payer's key.</summary>
/// <param name="Signer">The key; null when there is no usable one.</param>
/// <param name="Setting">The flag and the variable that gave the key, or that should give it.</param>
/// <param name="Faults">Why there is no key; empty when none was given.</param>
/// <param name="Warnings">Safety warnings about its files.</param>
internal sealed record PayerKey(ISigner? Signer, string Setting, IReadOnlyList<string> Faults, IReadOnlyList<string> Warnings);

/// <summary>The payer's key, from the one of three places where it was given. It is read once, at the first use.</summary>
/// <remarks>
/// Thread-safe. Once the key is read, its text is removed from the configuration and from the parsed command line.
/// </remarks>
internal sealed class PayerKeySource
{
    private readonly IConfiguration _configuration;
    private readonly PayerKeySettings _settings;
    private readonly CommandLine _line;
    private readonly PayerOptions _options;
    private readonly Lazy<PayerKey> _key;

    /// <summary>Creates the source; nothing is read yet.</summary>
    public PayerKeySource(IConfiguration configuration, SettingTable table, CommandLine line, UncheckedOptions<PayerOptions> options)
    {
        _configuration = configuration;
        _settings = table.Group<PayerKeySettings>();
        _line = line;
        _options = options.Value;
        _key = new Lazy<PayerKey>(Find);
    }

    /// <summary>The result. The first access reads files and may take seconds.</summary>
    public PayerKey Key => _key.Value;

    /// <summary>Whether the key was read; it is not when the program has a signer of its own.</summary>
    public bool IsRead => _key.IsValueCreated;

    /// <summary>The settings that give a key; empty when none does.</summary>
    public IReadOnlyList<string> Given =>
    [
        .. new (string Name, string? Value)[]
        {
            (_settings.PrivateKey.Name, Text),
            (_settings.PrivateKeyFile.Name, _options.PrivateKeyFile),
            (_settings.KeystoreFile.Name, _options.KeystoreFile),
        }.Where(place => place.Value is not null).Select(place => place.Name),
    ];

    /// <summary>The flag and the variable of the key in use.</summary>
    public string SettingInUse => IsRead ? Key.Setting : _settings.PrivateKey.Name;

    private string? Text => _settings.PrivateKey.Given(_configuration) ?? _options.PrivateKey;

    /// <summary>Removes an unused key from the configuration: the program has a signer of its own.</summary>
    public void Erase()
    {
        if (Text is { } text) ConfigurationEraser.Erase(_configuration, _settings.PrivateKey, text);
        _line.Forget(_settings.PrivateKey);
        _options.PrivateKey = null;
    }

    private PayerKey Find()
    {
        (Setting Setting, string? Value)[] places =
        [
            (_settings.PrivateKey, Text),
            (_settings.PrivateKeyFile, _options.PrivateKeyFile),
            (_settings.KeystoreFile, _options.KeystoreFile),
        ];
        var given = places.Where(place => place.Value is not null).ToList();
        if (given.Count > 1)
        {
            return Broken(
                given[0].Setting,
                $"{string.Join(" and ", given.Select(place => place.Setting.Name))}: the payer's key is given more than once; expected " +
                $"one of them");
        }
        if (_options.KeystorePasswordFile is not null && _options.KeystoreFile is null)
        {
            return Broken(
                _settings.KeystorePasswordFile,
                $"{_settings.KeystorePasswordFile.Name}: there is no encrypted key file that the password is for; " +
                $"expected {_settings.KeystoreFile.Name} as well");
        }
        return given switch
        {
            [] => new PayerKey(null, _settings.PrivateKey.Name, [], []),
            [var (setting, text)] when setting == _settings.PrivateKey => FromText(text!),
            [var (setting, path)] when setting == _settings.PrivateKeyFile => FromFile(path!),
            [var (_, path)] => FromKeystore(path!),
            _ => throw new InvalidOperationException(),
        };
    }

    private PayerKey FromText(string text)
    {
        if (!PrivateKeySigner.TryParse(text, out var signer))
            return Broken(_settings.PrivateKey, _settings.PrivateKey.Apply(_options, text)!);
        Erase();
        return new PayerKey(signer, _settings.PrivateKey.Name, [], []);
    }

    private PayerKey FromFile(string path) => PayerKeyFile.Read(_settings.PrivateKeyFile.Name, path);

    private PayerKey FromKeystore(string path)
    {
        var (setting, passwordSetting) = (_settings.KeystoreFile, _settings.KeystorePasswordFile);
        return _options.KeystorePasswordFile is { } password
            ? PayerKeyFile.ReadKeystore(setting.Name, path, passwordSetting.Name, password)
            : Broken(passwordSetting, $"{passwordSetting.Name}: required with {setting.Name}");
    }

    private static PayerKey Broken(Setting setting, string fault) => new(null, setting.Name, [fault], []);
}

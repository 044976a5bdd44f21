// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What all facets of the demo Diamond share: the records, the one place they are kept, and the
// checks and lists that more than one facet needs. All amounts are wei of MOR, all times seconds.

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface IRegistry {
    function checkDelegateForContract(address to, address from, address contract_, bytes32 rights)
        external
        view
        returns (bool);
}

struct Provider {
    string endpoint;
    uint256 stake;
    uint128 createdAt;
    uint128 limitPeriodEnd;
    uint256 limitPeriodEarned;
    bool isDeleted;
}

struct Model {
    bytes32 ipfsCID;
    uint256 fee;
    uint256 stake;
    address owner;
    string name;
    string[] tags;
    uint128 createdAt;
    bool isDeleted;
}

struct Bid {
    address provider;
    bytes32 modelId;
    uint256 pricePerSecond;
    uint256 nonce;
    uint128 createdAt;
    uint128 deletedAt;
}

struct Session {
    address user;
    bytes32 bidId;
    uint256 stake;
    bytes closeoutReceipt;
    uint256 closeoutType;
    uint256 providerWithdrawnAmount;
    uint128 openedAt;
    uint128 endsAt;
    uint128 closedAt;
    bool isActive;
    bool isDirectPaymentFromUser;
}

struct OnHold {
    uint256 amount;
    uint128 releaseAt;
}

struct Pool {
    uint256 initialReward;
    uint256 rewardDecrease;
    uint128 payoutStart;
    uint128 decreaseInterval;
}

struct SD {
    int64 mean;
    int64 sqSum;
}

struct ProviderModelStats {
    SD tpsScaled1000;
    SD ttftMs;
    uint32 totalDuration;
    uint32 successCount;
    uint32 totalCount;
}

struct ModelStats {
    SD tpsScaled1000;
    SD ttftMs;
    SD totalDuration;
    uint32 count;
}

// A set whose members can be listed; removing one moves the last into its place.
struct Set {
    bytes32[] values;
    mapping(bytes32 => uint256) places; // counted from 1
}

struct Layout {
    address owner;
    address token;
    address registry;
    address fundingAccount;
    bool dayLock;
    uint128 maxSessionDuration;
    uint256 providerMinimumStake;
    uint256 modelMinimumStake;
    uint256 bidFee;
    uint256 feeBalance;
    uint256 minPrice;
    uint256 maxPrice;
    uint256 sessionNonce;
    uint256 totalClaimed;
    Pool[] pools;
    mapping(bytes32 => bool) initialized;
    mapping(address => Provider) providers;
    Set activeProviders;
    mapping(bytes32 => Model) models;
    bytes32[] modelIds;
    Set activeModels;
    mapping(bytes32 => Bid) bids;
    mapping(bytes32 => uint256) bidNonces;
    mapping(bytes32 => bytes32[]) bidLists; // of a provider or of a model
    mapping(bytes32 => Set) activeBidLists;
    mapping(bytes32 => Session) sessions;
    mapping(bytes32 => bytes32[]) sessionLists; // of a user, a provider or a model
    mapping(bytes32 => bool) usedApprovals;
    mapping(address => OnHold[]) onHold;
    mapping(bytes32 => mapping(address => ProviderModelStats)) providerModelStats;
    mapping(bytes32 => ModelStats) modelStats;
}

bytes32 constant RULE_PROVIDER = keccak256("delegation.rules.provider");
bytes32 constant RULE_MODEL = keccak256("delegation.rules.model");
bytes32 constant RULE_MARKETPLACE = keccak256("delegation.rules.marketplace");
bytes32 constant RULE_SESSION = keccak256("delegation.rules.session");
uint128 constant EARNING_PERIOD = 365 days;

abstract contract Shared {
    error InsufficientRightsForOperation(address delegator, address delegatee);
    error OwnableUnauthorizedAccount(address account_);

    event Initialized(bytes32 storageSlot);

    // Each part of the Diamond is set up once, by its owner.
    modifier once(string memory part) {
        onlyOwner_();
        bytes32 slot = keccak256(bytes(part));
        require(!store().initialized[slot], "Initializable: contract is already initialized");
        store().initialized[slot] = true;
        _;
        emit Initialized(slot);
    }

    modifier onlyOwner() {
        onlyOwner_();
        _;
    }

    function onlyOwner_() private view {
        if (msg.sender != store().owner) revert OwnableUnauthorizedAccount(msg.sender);
    }

    function store() internal pure returns (Layout storage kept) {
        bytes32 slot = keccak256("morpheus.desktop.demo.diamond");
        assembly {
            kept.slot := slot
        }
    }

    function requireRight(address delegator, bytes32 rule) internal view {
        if (msg.sender != delegator && !hasRight(msg.sender, delegator, rule)) {
            revert InsufficientRightsForOperation(delegator, msg.sender);
        }
    }

    function hasRight(address delegatee, address delegator, bytes32 rule) internal view returns (bool) {
        return IRegistry(store().registry).checkDelegateForContract(delegatee, delegator, address(this), rule);
    }

    function pull(address from, uint256 amount) internal {
        if (amount > 0) IToken(store().token).transferFrom(from, address(this), amount);
    }

    function push(address to, uint256 amount) internal {
        if (amount > 0) IToken(store().token).transfer(to, amount);
    }

    function key(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    function bidIsActive(bytes32 bidId) internal view returns (bool) {
        Bid storage bid = store().bids[bidId];
        return bid.createdAt != 0 && bid.deletedAt == 0;
    }

    function add(Set storage set, bytes32 value) internal {
        if (set.places[value] != 0) return;
        set.values.push(value);
        set.places[value] = set.values.length;
    }

    function remove(Set storage set, bytes32 value) internal {
        uint256 place = set.places[value];
        if (place == 0) return;
        bytes32 last = set.values[set.values.length - 1];
        set.values[place - 1] = last;
        set.places[last] = place;
        set.values.pop();
        delete set.places[value];
    }

    function page(bytes32[] storage list, uint256 offset, uint256 limit)
        internal
        view
        returns (bytes32[] memory found, uint256 total)
    {
        total = list.length;
        uint256 end = offset + limit;
        if (end > total) end = total;
        found = new bytes32[](end > offset ? end - offset : 0);
        for (uint256 i = 0; i < found.length; i++) found[i] = list[offset + i];
    }
}

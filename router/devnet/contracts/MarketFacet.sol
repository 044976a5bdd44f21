// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "./Store.sol";

// Providers, models, bids, and whose right it is to change them.
contract MarketFacet is Shared {
    error ProviderHasActiveBids();
    error ProviderHasAlreadyDeregistered();
    error ProviderNoStake();
    error ProviderNotDeregistered();
    error ProviderNotFound();
    error ProviderNothingToWithdraw();
    error ProviderStakeTooLow(uint256 amount, uint256 minAmount);
    error ModelHasActiveBids();
    error ModelHasAlreadyDeregistered();
    error ModelNotFound();
    error ModelStakeTooLow(uint256 amount, uint256 minAmount);
    error MarketplaceActiveBidNotFound();
    error MarketplaceBidMinPricePerSecondIsInvalid();
    error MarketplaceBidMinPricePerSecondIsZero();
    error MarketplaceBidPricePerSecondInvalid();
    error MarketplaceFeeAmountIsZero();
    error MarketplaceModelNotFound();
    error MarketplaceProviderNotFound();

    event ProviderDeregistered(address indexed provider);
    event ProviderMinimumStakeUpdated(uint256 providerMinimumStake);
    event ProviderRegistered(address indexed provider);
    event ProviderWithdrawn(address indexed provider, uint256 amount);
    event ModelDeregistered(address indexed owner, bytes32 indexed modelId);
    event ModelMinimumStakeUpdated(uint256 modelMinimumStake);
    event ModelRegisteredUpdated(address indexed owner, bytes32 indexed modelId);
    event MaretplaceFeeUpdated(uint256 bidFee);
    event MarketplaceBidDeleted(address indexed provider, bytes32 indexed modelId, uint256 nonce);
    event MarketplaceBidMinMaxPriceUpdated(uint256 bidMinPricePerSecond, uint256 bidMaxPricePerSecond);
    event MarketplaceBidPosted(address indexed provider, bytes32 indexed modelId, uint256 nonce);
    event DelegationRegistryUpdated(address registry);

    bytes32 public constant DELEGATION_RULES_PROVIDER = RULE_PROVIDER;
    bytes32 public constant DELEGATION_RULES_MODEL = RULE_MODEL;
    bytes32 public constant DELEGATION_RULES_MARKETPLACE = RULE_MARKETPLACE;
    bytes32 public constant DELEGATION_RULES_SESSION = RULE_SESSION;

    // Setting up

    function __ProviderRegistry_init() external once("providers") {}

    function __ModelRegistry_init() external once("models") {}

    function __Marketplace_init(address token_, uint256 bidMinPricePerSecond_, uint256 bidMaxPricePerSecond_)
        external
        once("market")
    {
        store().token = token_;
        setPrices(bidMinPricePerSecond_, bidMaxPricePerSecond_);
    }

    function __Delegation_init(address registry_) external once("delegation") {
        setRegistry_(registry_);
    }

    function setRegistry(address registry_) external onlyOwner {
        setRegistry_(registry_);
    }

    function setRegistry_(address registry_) private {
        store().registry = registry_;
        emit DelegationRegistryUpdated(registry_);
    }

    function providerSetMinStake(uint256 providerMinimumStake_) external onlyOwner {
        store().providerMinimumStake = providerMinimumStake_;
        emit ProviderMinimumStakeUpdated(providerMinimumStake_);
    }

    function modelSetMinStake(uint256 modelMinimumStake_) external onlyOwner {
        store().modelMinimumStake = modelMinimumStake_;
        emit ModelMinimumStakeUpdated(modelMinimumStake_);
    }

    function setMarketplaceBidFee(uint256 bidFee_) external onlyOwner {
        store().bidFee = bidFee_;
        emit MaretplaceFeeUpdated(bidFee_);
    }

    function setMinMaxBidPricePerSecond(uint256 bidMinPricePerSecond_, uint256 bidMaxPricePerSecond_)
        external
        onlyOwner
    {
        setPrices(bidMinPricePerSecond_, bidMaxPricePerSecond_);
    }

    function setPrices(uint256 lowest, uint256 highest) private {
        if (lowest == 0) revert MarketplaceBidMinPricePerSecondIsZero();
        if (lowest > highest) revert MarketplaceBidMinPricePerSecondIsInvalid();
        store().minPrice = lowest;
        store().maxPrice = highest;
        emit MarketplaceBidMinMaxPriceUpdated(lowest, highest);
    }

    function withdrawFee(address recipient_, uint256 amount_) external onlyOwner {
        Layout storage s = store();
        uint256 amount = amount_ < s.feeBalance ? amount_ : s.feeBalance;
        if (amount == 0) revert MarketplaceFeeAmountIsZero();
        s.feeBalance -= amount;
        push(recipient_, amount);
    }

    // Providers

    function providerRegister(address provider_, uint256 amount_, string calldata endpoint_) external {
        requireRight(provider_, RULE_PROVIDER);
        pull(provider_, amount_);
        Layout storage s = store();
        Provider storage provider = s.providers[provider_];
        uint256 stake = provider.stake + amount_;
        if (stake < s.providerMinimumStake) revert ProviderStakeTooLow(stake, s.providerMinimumStake);
        if (provider.createdAt == 0) {
            provider.createdAt = uint128(block.timestamp);
            provider.limitPeriodEnd = uint128(block.timestamp) + EARNING_PERIOD;
        }
        provider.endpoint = endpoint_;
        provider.stake = stake;
        provider.isDeleted = false;
        add(s.activeProviders, key(provider_));
        emit ProviderRegistered(provider_);
    }

    function providerDeregister(address provider_) external {
        requireRight(provider_, RULE_PROVIDER);
        Layout storage s = store();
        Provider storage provider = s.providers[provider_];
        if (provider.createdAt == 0) revert ProviderNotFound();
        if (s.activeBidLists[key(provider_)].values.length != 0) revert ProviderHasActiveBids();
        if (provider.isDeleted) revert ProviderHasAlreadyDeregistered();
        uint256 refund = block.timestamp > provider.limitPeriodEnd
            ? provider.stake
            : provider.stake - provider.limitPeriodEarned;
        provider.stake -= refund;
        provider.isDeleted = true;
        remove(s.activeProviders, key(provider_));
        push(provider_, refund);
        emit ProviderDeregistered(provider_);
    }

    // Models

    function modelRegister(
        address modelOwner_,
        bytes32 baseModelId_,
        bytes32 ipfsCID_,
        uint256 fee_,
        uint256 amount_,
        string calldata name_,
        string[] calldata tags_
    ) external {
        requireRight(modelOwner_, RULE_MODEL);
        pull(modelOwner_, amount_);
        Layout storage s = store();
        bytes32 modelId = getModelId(modelOwner_, baseModelId_);
        Model storage model = s.models[modelId];
        uint256 stake = model.stake + amount_;
        if (stake < s.modelMinimumStake) revert ModelStakeTooLow(stake, s.modelMinimumStake);
        if (model.createdAt == 0) {
            model.createdAt = uint128(block.timestamp);
            model.owner = modelOwner_;
            s.modelIds.push(modelId);
        }
        model.ipfsCID = ipfsCID_;
        model.fee = fee_;
        model.stake = stake;
        model.name = name_;
        delete model.tags;
        for (uint256 i = 0; i < tags_.length; i++) model.tags.push(tags_[i]);
        model.isDeleted = false;
        add(s.activeModels, modelId);
        emit ModelRegisteredUpdated(modelOwner_, modelId);
    }

    function modelDeregister(bytes32 modelId_) external {
        Layout storage s = store();
        Model storage model = s.models[modelId_];
        requireRight(model.owner, RULE_MODEL);
        if (s.activeBidLists[modelId_].values.length != 0) revert ModelHasActiveBids();
        if (model.isDeleted) revert ModelHasAlreadyDeregistered();
        uint256 refund = model.stake;
        model.stake = 0;
        model.isDeleted = true;
        remove(s.activeModels, modelId_);
        push(model.owner, refund);
        emit ModelDeregistered(model.owner, modelId_);
    }

    // Bids

    function postModelBid(address provider_, bytes32 modelId_, uint256 pricePerSecond_)
        external
        returns (bytes32 bidId)
    {
        requireRight(provider_, RULE_MARKETPLACE);
        Layout storage s = store();
        if (!getIsProviderActive(provider_)) revert MarketplaceProviderNotFound();
        if (!getIsModelActive(modelId_)) revert MarketplaceModelNotFound();
        if (pricePerSecond_ < s.minPrice || pricePerSecond_ > s.maxPrice) {
            revert MarketplaceBidPricePerSecondInvalid();
        }
        pull(provider_, s.bidFee);
        s.feeBalance += s.bidFee;
        uint256 nonce = s.bidNonces[getProviderModelId(provider_, modelId_)]++;
        if (nonce > 0) {
            bytes32 previous = getBidId(provider_, modelId_, nonce - 1);
            if (bidIsActive(previous)) deleteBid(previous);
        }
        bidId = getBidId(provider_, modelId_, nonce);
        s.bids[bidId] = Bid(provider_, modelId_, pricePerSecond_, nonce, uint128(block.timestamp), 0);
        s.bidLists[key(provider_)].push(bidId);
        s.bidLists[modelId_].push(bidId);
        add(s.activeBidLists[key(provider_)], bidId);
        add(s.activeBidLists[modelId_], bidId);
        emit MarketplaceBidPosted(provider_, modelId_, nonce);
    }

    function deleteModelBid(bytes32 bidId_) external {
        requireRight(store().bids[bidId_].provider, RULE_MARKETPLACE);
        if (!bidIsActive(bidId_)) revert MarketplaceActiveBidNotFound();
        deleteBid(bidId_);
    }

    function deleteBid(bytes32 bidId) private {
        Layout storage s = store();
        Bid storage bid = s.bids[bidId];
        bid.deletedAt = uint128(block.timestamp);
        remove(s.activeBidLists[key(bid.provider)], bidId);
        remove(s.activeBidLists[bid.modelId], bidId);
        emit MarketplaceBidDeleted(bid.provider, bid.modelId, bid.nonce);
    }

    // Reading

    function getToken() external view returns (address) {
        return store().token;
    }

    function getRegistry() external view returns (address) {
        return store().registry;
    }

    function getBidFee() external view returns (uint256) {
        return store().bidFee;
    }

    function getFeeBalance() external view returns (uint256) {
        return store().feeBalance;
    }

    function getMinMaxBidPricePerSecond() external view returns (uint256, uint256) {
        return (store().minPrice, store().maxPrice);
    }

    function getProviderMinimumStake() external view returns (uint256) {
        return store().providerMinimumStake;
    }

    function getModelMinimumStake() external view returns (uint256) {
        return store().modelMinimumStake;
    }

    function getProvider(address provider_) external view returns (Provider memory) {
        return store().providers[provider_];
    }

    function getIsProviderActive(address provider_) public view returns (bool) {
        Provider storage provider = store().providers[provider_];
        return provider.createdAt != 0 && !provider.isDeleted;
    }

    function getActiveProviders(uint256 offset_, uint256 limit_)
        external
        view
        returns (address[] memory, uint256)
    {
        (bytes32[] memory keys, uint256 total) = page(store().activeProviders.values, offset_, limit_);
        address[] memory found = new address[](keys.length);
        for (uint256 i = 0; i < keys.length; i++) found[i] = address(uint160(uint256(keys[i])));
        return (found, total);
    }

    function getModel(bytes32 modelId_) external view returns (Model memory) {
        return store().models[modelId_];
    }

    function getIsModelActive(bytes32 modelId_) public view returns (bool) {
        Model storage model = store().models[modelId_];
        return model.createdAt != 0 && !model.isDeleted;
    }

    function getModelIds(uint256 offset_, uint256 limit_) external view returns (bytes32[] memory, uint256) {
        return page(store().modelIds, offset_, limit_);
    }

    function getActiveModelIds(uint256 offset_, uint256 limit_) external view returns (bytes32[] memory, uint256) {
        return page(store().activeModels.values, offset_, limit_);
    }

    function getModelId(address account_, bytes32 baseModelId_) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(account_, baseModelId_));
    }

    function getProviderModelId(address provider_, bytes32 modelId_) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(provider_, modelId_));
    }

    function getBidId(address provider_, bytes32 modelId_, uint256 nonce_) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(provider_, modelId_, nonce_));
    }

    function getBid(bytes32 bidId_) external view returns (Bid memory) {
        return store().bids[bidId_];
    }

    function isBidActive(bytes32 bidId_) external view returns (bool) {
        return bidIsActive(bidId_);
    }

    function getProviderBids(address provider_, uint256 offset_, uint256 limit_)
        external
        view
        returns (bytes32[] memory, uint256)
    {
        return page(store().bidLists[key(provider_)], offset_, limit_);
    }

    function getProviderActiveBids(address provider_, uint256 offset_, uint256 limit_)
        external
        view
        returns (bytes32[] memory, uint256)
    {
        return page(store().activeBidLists[key(provider_)].values, offset_, limit_);
    }

    function getModelBids(bytes32 modelId_, uint256 offset_, uint256 limit_)
        external
        view
        returns (bytes32[] memory, uint256)
    {
        return page(store().bidLists[modelId_], offset_, limit_);
    }

    function getModelActiveBids(bytes32 modelId_, uint256 offset_, uint256 limit_)
        external
        view
        returns (bytes32[] memory, uint256)
    {
        return page(store().activeBidLists[modelId_].values, offset_, limit_);
    }

    function isRightsDelegated(address delegatee_, address delegator_, bytes32 rights_)
        external
        view
        returns (bool)
    {
        return hasRight(delegatee_, delegator_, rights_);
    }
}
